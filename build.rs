//! Compiles anew when a shipped contract is added or taken away: the embedding macro only notices changed files.

fn main() {
    for folder in ["features", "schemas", "fixtures"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
