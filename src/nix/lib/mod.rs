//! Our model of nixpkgs' `lib`, written in Nix beside this file so that real Nix can import it
//! too. Holds no copy of nixpkgs; evaluates nothing by itself.

/// The names and texts of the files; `default.nix` imports the others from beside it.
const FILES: [(&str, &str); 22] = [
    ("asserts.nix", include_str!("asserts.nix")),
    ("attrsets.nix", include_str!("attrsets.nix")),
    ("cli.nix", include_str!("cli.nix")),
    ("customisation.nix", include_str!("customisation.nix")),
    ("debug.nix", include_str!("debug.nix")),
    ("default.nix", include_str!("default.nix")),
    ("fileset.nix", include_str!("fileset.nix")),
    ("filesystem.nix", include_str!("filesystem.nix")),
    ("fixed-points.nix", include_str!("fixed-points.nix")),
    ("generators.nix", include_str!("generators.nix")),
    ("licenses.nix", include_str!("licenses.nix")),
    ("lists.nix", include_str!("lists.nix")),
    ("meta.nix", include_str!("meta.nix")),
    ("modules.nix", include_str!("modules.nix")),
    ("options.nix", include_str!("options.nix")),
    ("path.nix", include_str!("path.nix")),
    ("sources.nix", include_str!("sources.nix")),
    ("strings.nix", include_str!("strings.nix")),
    ("systems.nix", include_str!("systems.nix")),
    ("trivial.nix", include_str!("trivial.nix")),
    ("types.nix", include_str!("types.nix")),
    ("versions.nix", include_str!("versions.nix")),
];

/// The text of the file of that name.
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
