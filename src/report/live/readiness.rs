//! The page of readiness: the matrix of the environment that is watched, from the ledger.

use askama::Template;

use crate::domain::readiness::{Cell, Criterion, EnvironmentReadiness, Row};
use crate::report::digest::{self, Obstacle};
use crate::report::live::overview::notice;
use crate::report::live::view::{Place, Scene, View, part};
use crate::report::live::words;

#[derive(Template)]
#[template(path = "live/matrix.html")]
struct Matrix<'a> {
    environment: Option<&'a EnvironmentReadiness>,
    obstacles: Vec<Obstacle<'a>>,
    silence: Option<&'static str>,
}

impl Matrix<'_> {
    fn verdict(&self) -> (&'static str, &'static str) {
        self.environment.map_or(("u", "UNKNOWN"), |it| (words::verdict(it.verdict), it.verdict.as_str()))
    }
}

/// Draws the page.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn draw(scene: &Scene<'_>) -> Result<View, askama::Error> {
    let mut parts = Vec::new();
    let notice = notice(scene, &mut parts)?;
    let environment = scene.readiness;
    let obstacles = environment.map(digest::obstacles).unwrap_or_default();
    let silence = environment.and_then(digest::silence);
    let matrix = Matrix { environment, obstacles, silence };
    let title = format!("Readiness {}", matrix.verdict().1);
    let matrix = part(&mut parts, "matrix", matrix.render()?);
    Ok(View { title, place: Place::Readiness, body: notice + &matrix, parts })
}

fn cells(row: &Row) -> Vec<(&'static str, bool, &Cell)> {
    let cells = Criterion::ALL.iter().filter_map(|criterion| row.cell(*criterion));
    cells.map(|cell| (words::state(cell.state), cell.required, cell)).collect()
}

fn letter(obstacle: &Obstacle<'_>) -> &'static str {
    words::state(obstacle.state)
}
