//! Our model of nixpkgs' `lib`, written in Nix beside this file so that real Nix can import it
//! too. Holds no copy of nixpkgs; evaluates nothing by itself.

use std::sync::LazyLock;

/// The parts that `default.nix` imports.
const PARTS: [(&str, &str); 22] = [
    ("asserts", include_str!("asserts.nix")),
    ("attrsets", include_str!("attrsets.nix")),
    ("cli", include_str!("cli.nix")),
    ("customisation", include_str!("customisation.nix")),
    ("debug", include_str!("debug.nix")),
    ("filesystem", include_str!("filesystem.nix")),
    ("fileset", include_str!("fileset.nix")),
    ("fixed-points", include_str!("fixed-points.nix")),
    ("generators", include_str!("generators.nix")),
    ("licenses", include_str!("licenses.nix")),
    ("lists", include_str!("lists.nix")),
    ("meta", include_str!("meta.nix")),
    ("modules", include_str!("modules.nix")),
    ("options", include_str!("options.nix")),
    ("path", include_str!("path.nix")),
    ("sources", include_str!("sources.nix")),
    ("strings", include_str!("strings.nix")),
    ("systems", include_str!("systems.nix")),
    ("trivial", include_str!("trivial.nix")),
    ("types", include_str!("types.nix")),
    ("versions", include_str!("versions.nix")),
    ("default", include_str!("default.nix")),
];

/// The whole library as one expression: `default.nix` with the parts it imports put in place.
pub fn source() -> &'static str {
    static SOURCE: LazyLock<String> = LazyLock::new(|| {
        PARTS.iter().rfold(String::new(), |whole, (name, text)| {
            if *name == "default" {
                return (*text).to_owned();
            }
            whole.replace(&format!("import ./{name}.nix"), &format!("({text})"))
        })
    });
    &SOURCE
}

/// The text of one part by the name of its file, such as `default.nix`.
pub(crate) fn part(file: &str) -> Option<&'static str> {
    let name = file.strip_suffix(".nix")?;
    PARTS.iter().find(|(part, _)| *part == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_in_place() {
        assert!(!source().contains("import ./"));
        for (name, text) in PARTS {
            let first = text.lines().next().unwrap();
            assert!(source().contains(first), "{name}");
        }
    }
}
