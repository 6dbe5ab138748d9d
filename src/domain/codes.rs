//! A table of codes as a type: each has a word for output, a weight, and a sentence that says what it means.

/// Makes the type `Code` of a table. `Weight weigh;` names the type of a weight and the method that gives it; each row
/// is a doc comment of one sentence, a name, its word and its weight.
macro_rules! codes {
    ($weight:ident $weigh:ident; $($(#[doc = $doc:literal])+ $name:ident = $word:literal, $heavy:ident;)+) => {
        /// What kind of thing was found.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+
        }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word used in output.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            pub fn $weigh(self) -> $weight {
                match self { $(Self::$name => $weight::$heavy,)+ }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)+).trim_ascii(),)+ }
            }
        }

        impl std::fmt::Display for Code {
            fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    };
}

pub(crate) use codes;
