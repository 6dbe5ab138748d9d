//! What must be in place before a flag is switched on: `table X`, `secret X`, `variable X`, `migration X`, `scope X`, `contract X`.

/// One prerequisite, as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Prerequisite<'a> {
    Table(&'a str),
    Migration(&'a str),
    Secret(&'a str),
    Variable(&'a str),
    Scope(&'a str),
    Contract(&'a str),
    /// What only people or a rehearsal can show (`approval of the manager`).
    Other(&'a str),
}

impl<'a> Prerequisite<'a> {
    pub fn parse(text: &'a str) -> Self {
        let text = text.trim();
        match text.split_once(' ').map(|(kind, name)| (kind, name.trim())) {
            Some(("table", name)) => Self::Table(name),
            Some(("migration", name)) => Self::Migration(name),
            Some(("secret", name)) => Self::Secret(name),
            Some(("variable", name)) => Self::Variable(name),
            Some(("scope", name)) => Self::Scope(name),
            Some(("contract", name)) => Self::Contract(name),
            _ => Self::Other(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Prerequisite;

    #[test]
    fn a_prerequisite_says_what_kind_of_thing_it_is() {
        let table = [
            ("table product_suggestions", Prerequisite::Table("product_suggestions")),
            ("secret SUPABASE_SERVICE_KEY", Prerequisite::Secret("SUPABASE_SERVICE_KEY")),
            ("contract idea-pool", Prerequisite::Contract("idea-pool")),
            ("approval of the manager", Prerequisite::Other("approval of the manager")),
            ("table", Prerequisite::Other("table")),
        ];
        for (text, expected) in table {
            assert_eq!(Prerequisite::parse(text), expected);
        }
    }
}
