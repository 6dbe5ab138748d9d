//! What a flip would do, for who only asks.

use crate::cli::flip::Flip;
use crate::domain::flag::Declared;
use crate::domain::flip::Phase;
use crate::engine::flip::Order;

/// Draws it.
pub fn plan(order: &Order, args: &Flip, declared: &Declared) -> String {
    let phases = Phase::ALL.iter().filter(|phase| args.rehearse || !phase.takes_back());
    let mut lines: Vec<String> =
        (1..).zip(phases).map(|(number, phase): (u32, &Phase)| format!("{number}. {}", phase.title())).collect();
    if !args.rehearse {
        let back: Vec<&str> = Phase::ALL.into_iter().filter(|phase| phase.takes_back()).map(Phase::title).collect();
        lines.push(format!("whatever goes wrong from 3 on: {}", back.join(", then: ")));
    }
    lines.push(format!("\ncanary     {}", order.canary.request));
    lines.push(format!("on         {}", order.switch_on));
    lines.push(format!("off        {}", order.switch_off));
    lines.push(format!("effective  within {} s", order.proof.effective_within_seconds));
    lines.push(format!("watched    {} s, every {} s", order.proof.watch.seconds, order.proof.watch.every_seconds));
    lines.push(format!("rollback   within {} s", order.rollback_seconds));
    for needed in &declared.prerequisites {
        lines.push(format!("needs      {needed}"));
    }
    lines.push("\nnothing was asked, and nothing is shown by this".to_owned());
    lines.join("\n")
}
