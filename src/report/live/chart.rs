//! The latency chart: three percentiles over a window, drawn as SVG; where there is no data there is no line.

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea as _};
use plotters::element::{Circle, PathElement};
use plotters::style::{Color as _, IntoFont as _, RGBColor};

use crate::domain::monitor::series::{Outlook, Part};
use crate::domain::monitor::span::Window;
use crate::report::live::{bar, words};

const WIDTH: u32 = 440;
const HEIGHT: u32 = 180;
/// Colours that stand for classes: the style of the page decides how they look, in the light, in the dark and in print.
const STAND_INS: [(RGBColor, &str); 5] = [
    (RGBColor(1, 0, 80), "p50"),
    (RGBColor(1, 0, 95), "p95"),
    (RGBColor(1, 0, 99), "p99"),
    (RGBColor(2, 0, 1), "rule"),
    (RGBColor(2, 0, 2), "tick"),
];
const RULE: RGBColor = STAND_INS[3].0;
const TICK: RGBColor = STAND_INS[4].0;

type Percentile = fn(&Part) -> Option<u64>;
const LINES: [(RGBColor, Percentile); 3] =
    [(STAND_INS[2].0, |part| part.p99_ms), (STAND_INS[1].0, |part| part.p95_ms), (STAND_INS[0].0, |part| part.p50_ms)];

/// The chart as SVG; None where no answer came within the window.
pub fn draw(outlook: &Outlook) -> Option<String> {
    let highest = outlook.parts.iter().filter_map(|part| part.p99_ms).max()?;
    let mut svg = String::with_capacity(8 * 1024);
    // A text takes everything, so the library has nothing to complain of; without it there is no chart and no page is lost.
    lines(&mut svg, outlook, highest).ok()?;
    Some(styled(&svg, &told(outlook)))
}

type Failed = DrawingAreaErrorKind<std::io::Error>;

fn lines(svg: &mut String, outlook: &Outlook, highest: u64) -> Result<(), Failed> {
    let last = i64::try_from(outlook.parts.len()).unwrap_or(i64::MAX);
    let top = i64::try_from(highest).unwrap_or(i64::MAX / 2).max(10) * 11 / 10;
    let area = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin(6)
        .set_label_area_size(LabelAreaPosition::Left, 48)
        .set_label_area_size(LabelAreaPosition::Bottom, 24)
        .build_cartesian_2d(0..last, 0..top)?;
    let font = ("sans-serif", 12).into_font().color(&TICK);
    let time = |index: &i64| usize::try_from(*index).ok().and_then(|index| label(outlook, index)).unwrap_or_default();
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(RULE.mix(0.0))
        .bold_line_style(RULE)
        .axis_style(RULE)
        .y_labels(4)
        .x_labels(5)
        .label_style(font)
        .y_label_formatter(&|millis: &i64| words::millis(u64::try_from(*millis).ok()))
        .x_label_formatter(&time)
        .draw()?;
    for (colour, percentile) in LINES {
        for run in runs(&outlook.parts, percentile) {
            match run.as_slice() {
                // A line of one point is none.
                [alone] => chart.draw_series([Circle::new(*alone, 2, colour.filled())])?,
                _ => chart.draw_series([PathElement::new(run, colour.stroke_width(2))])?,
            };
        }
    }
    area.present()
}

/// Points that stand beside each other, in the middle of their parts; a gap ends a line.
fn runs(parts: &[Part], percentile: Percentile) -> Vec<Vec<(i64, i64)>> {
    let mut runs: Vec<Vec<(i64, i64)>> = vec![Vec::new()];
    for (index, part) in (0_i64..).zip(parts) {
        match percentile(part) {
            Some(millis) => {
                let point = (index, i64::try_from(millis).unwrap_or(i64::MAX / 2));
                if let Some(run) = runs.last_mut() {
                    run.push(point);
                }
            }
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn label(outlook: &Outlook, index: usize) -> Option<String> {
    let start = outlook.parts.get(index)?.start;
    let format = if outlook.window == Window::Day { "%H:%M" } else { "%d %b" };
    Some(start.strftime(format).to_string())
}

fn told(outlook: &Outlook) -> String {
    let [p50, p95, p99] = [outlook.p50_ms, outlook.p95_ms, outlook.p99_ms].map(words::millis);
    format!("Latency, {}: P50 {p50}, P95 {p95}, P99 {p99}", bar::name(outlook.window).to_lowercase())
}

/// Puts classes where the stand-ins are, and what a reader and a narrow page need in the head.
fn styled(svg: &str, told: &str) -> String {
    let mut styled = svg.replacen(
        &format!("<svg width=\"{WIDTH}\" height=\"{HEIGHT}\""),
        &format!("<svg class=\"chart\" role=\"img\" aria-label=\"{told}\""),
        1,
    );
    for (RGBColor(red, green, blue), class) in STAND_INS {
        for attribute in ["stroke", "fill"] {
            let drawn = format!("{attribute}=\"#{red:02X}{green:02X}{blue:02X}\"");
            styled = styled.replace(&drawn, &format!("class=\"{attribute}-{class}\""));
        }
    }
    styled.replace(" font-family=\"sans-serif\"", "")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{draw, runs};
    use crate::domain::monitor::series::Outlook;
    use crate::domain::monitor::span::Window;

    fn outlook(window: Window, millis: &[Option<u64>]) -> Outlook {
        let mut outlook = Outlook::of(window, &[], Timestamp::from_second(1_800_000_000).unwrap());
        for (part, millis) in outlook.parts.iter_mut().zip(millis) {
            (part.p50_ms, part.p95_ms, part.p99_ms) = (*millis, *millis, millis.map(|ms| ms * 2));
        }
        outlook
    }

    #[test]
    fn nothing_heard_is_no_chart() {
        assert_eq!(draw(&outlook(Window::Day, &[])), None);
    }

    #[test]
    fn a_gap_ends_a_line_and_a_point_alone_is_seen() {
        let outlook = outlook(Window::Week, &[Some(5), Some(7), None, None, Some(9)]);
        assert_eq!(runs(&outlook.parts, |part| part.p50_ms), [vec![(0, 5), (1, 7)], vec![(4, 9)]]);
        let chart = draw(&outlook).unwrap();
        assert_eq!((chart.matches("class=\"stroke-p").count(), chart.matches("<circle").count()), (3, 3), "{chart}");
    }

    #[test]
    fn the_page_decides_how_it_looks() {
        for window in Window::ALL {
            let chart = draw(&outlook(window, &[Some(1); 30])).unwrap();
            assert!(!chart.contains('#') && !chart.contains("style="), "{chart}");
            for class in ["stroke-p50", "stroke-p95", "stroke-p99", "fill-tick", "stroke-rule"] {
                assert!(chart.contains(&format!("class=\"{class}\"")), "{class}: {chart}");
            }
            assert!(chart.starts_with("<svg class=\"chart\" role=\"img\" aria-label=\"Latency, last "), "{chart}");
        }
    }
}
