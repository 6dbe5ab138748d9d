//! A sentence that promises something of the last answer, read once and asked again and again, outside of a scenario.

use gherkin::{LineCol, Span, Step, StepType};

use crate::domain::finding::{Code, Finding};
use crate::steps::sentence::{Handler, Sentence};
use crate::steps::vocabulary::{Match, arguments, find, halt, resolve};
use crate::steps::world::{Stop, World};
use crate::steps::{latency, lists, response, values};

/// What of an answer a sentence looks at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Status,
    Time,
    Headers,
    Body,
}

/// One promise of an answer.
#[derive(Clone, Debug)]
pub struct Promise {
    step: Step,
    handler: fn(&mut World, &crate::steps::args::Args) -> crate::steps::world::StepResult,
    parameters: Vec<String>,
    pub part: Part,
}

impl Promise {
    /// Reads a sentence without its keyword; what stands below its first line is its doc string. `line` says where it stands.
    ///
    /// # Errors
    /// It is no sentence that promises something of an answer; why, and the nearest one.
    pub fn read(text: &str, line: usize) -> Result<Self, String> {
        let (first, below) = text.trim_end().split_once('\n').unwrap_or((text.trim(), ""));
        let step = Step {
            keyword: "Then".to_owned(),
            ty: StepType::Then,
            value: first.trim().to_owned(),
            docstring: (!below.is_empty()).then(|| below.to_owned()),
            table: None,
            span: Span::default(),
            position: LineCol { line, col: 1 },
        };
        let expression = match find(&step) {
            Match::One(expression) => expression,
            Match::None(near) => return Err(unknown(&step.value, near)),
            Match::Many(_) => return Err(format!("`{}` can be read as more than one sentence", step.value)),
            Match::Misplaced(expression, keyword) => {
                return Err(format!("`{expression}` stands after {}, and promises nothing", keyword.as_str()));
            }
            Match::Incomplete(expression, what) => return Err(format!("`{expression}` needs {what} below it")),
        };
        let told = |stop| match stop {
            Stop::BadStep(reason) | Stop::Unasked(reason) => reason,
        };
        let (sentence, parameters) = resolve(&step).map_err(told)?;
        let parameters = parameters.into_iter().map(str::to_owned).collect();
        let part =
            part(sentence).ok_or_else(|| format!("`{expression}` is about more than one answer of one service"))?;
        match sentence.handler {
            Handler::Now(handler) => Ok(Self { step, handler, parameters, part }),
            Handler::Later(_) => Err(format!("`{expression}` asks for more than an answer")),
        }
    }

    /// The sentence as it was written.
    pub fn text(&self) -> &str {
        &self.step.value
    }

    /// Every text of it in which a `${NAME}` is filled in.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(String::as_str).chain(self.step.docstring.as_deref())
    }

    /// Looks at the last answer of a world; what is broken is left there.
    pub fn ask(&self, world: &mut World) {
        if world.stop.is_some() {
            return;
        }
        world.at_line(self.step.position.line);
        let before = world.checks;
        let asked = arguments(world, &self.parameters, &self.step).and_then(|args| (self.handler)(world, &args));
        match asked {
            Err(stop) => halt(world, stop),
            Ok(()) if world.checks == before => {
                let place = world.place();
                world.findings.push(Finding::new(Code::NothingChecked, "this promise looked at nothing").at(place));
            }
            Ok(()) => {}
        }
    }
}

fn unknown(text: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("`{text}` is no sentence (the nearest is `{near}`)"),
        None => format!("`{text}` is no sentence; `preflight steps` lists them"),
    }
}

/// What a sentence looks at in the last answer; None where it is not about that alone.
fn part(sentence: &Sentence) -> Option<Part> {
    let is_of = |family: &[Sentence]| family.iter().any(|known| known.expression == sentence.expression);
    if is_of(latency::SENTENCES) {
        return Some(Part::Time);
    }
    if is_of(values::SENTENCES) || is_of(lists::SENTENCES) {
        return Some(Part::Body);
    }
    if !is_of(response::SENTENCES) || sentence.expression.starts_with("no answer") {
        return None;
    }
    match sentence.expression {
        words if words.starts_with("the status") => Some(Part::Status),
        words if words.starts_with("the header") || words.starts_with("the media type") => Some(Part::Headers),
        // What an answer does not hold, a wrong answer does not hold either.
        "the body does not mention {text}" | "the answer holds no secret" => Some(Part::Headers),
        _ => Some(Part::Body),
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Promise};

    #[test]
    fn a_promise_says_what_it_looks_at() {
        for (text, part) in [
            ("the status is 200", Part::Status),
            ("the answer comes within 300 ms", Part::Time),
            ("the media type is \"application/json\"", Part::Headers),
            ("the body does not mention \"stack\"", Part::Headers),
            ("\"$.data_services\" is \"ok\"", Part::Body),
            ("\"$.data\" has at least 1 item", Part::Body),
            ("the body contains:\n{\"status\": \"woot\"}", Part::Body),
            ("the body is empty", Part::Body),
        ] {
            assert_eq!(Promise::read(text, 1).unwrap().part, part, "{text}");
        }
    }

    #[test]
    fn what_is_no_promise_of_an_answer_is_refused() {
        for (text, told) in [
            ("the staus is 200", "the nearest is `the status is {count}`"),
            ("I GET \"/\"", "stands after When, and promises nothing"),
            ("the body contains:", "needs a doc string"),
            ("no webhook is delivered", "about more than one answer"),
            ("no answer comes: reset", "about more than one answer"),
        ] {
            let error = Promise::read(text, 1).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
