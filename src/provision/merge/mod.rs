//! Brings a new scan into a hardware-configuration.nix that somebody may have
//! edited: three-way, by attribute, against the text that the last scan wrote.
//! What nobody changed since follows the machine; what the user changed stays.
//! Where both changed, lists are joined and everything else stays as it is and
//! is told as a conflict. It writes splices, never a formatted file.

mod tree;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use self::tree::Entry;
use self::tree::Leaf;
use self::tree::List;
use self::tree::Path;
use self::tree::Tree;
use self::tree::Value;
use crate::text::Span;
use crate::text::edit;
use crate::text::edit::Edit;

/// A merged file.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The new text; the same as the user's if nothing had to change.
    pub text: String,
    /// Attributes that both sides changed; the user's text was kept.
    pub conflicts: Vec<Conflict>,
}

/// An attribute on which the user and the machine do not agree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The attribute path, for example `fileSystems."/".device`.
    pub path: String,
    /// The user's value as written; `None`: the user removed it.
    pub yours: Option<String>,
    /// The generated value; `None`: the machine no longer asks for it.
    pub generated: Option<String>,
}

/// Why texts can't be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The result is not what was meant; nothing should be written.
    #[error("merging the hardware configuration went wrong at `{path}`")]
    Unclean {
        /// The first attribute that is not as meant.
        path: String,
    },
    /// One of the texts has no attribute set to merge.
    #[error("{which} is no Nix module with an attribute set at its end")]
    Unreadable {
        /// `the file`, `the last scan` or `the new scan`.
        which: &'static str,
    },
}

/// Merges a new scan into the user's file. `base` is what the last scan wrote;
/// without it nothing that stands in the file is replaced: new attributes and
/// list items are added, and every other difference is a conflict.
///
/// # Errors
/// If a text is no module, or the result would not be what was meant.
pub fn merge(base: Option<&str>, mine: &str, new: &str) -> Result<Merged, MergeError> {
    let read = |text, which| Tree::read(text).ok_or(MergeError::Unreadable { which });
    let base = base.map(|base| read(base, "the last scan")).transpose()?;
    let (mine, new) = (read(mine, "the file")?, read(new, "the new scan")?);
    let mut merge = Merge::new(base.as_ref(), &mine, &new);
    merge.decide();
    let edits = merge.edits();
    let failed = |path: &Path| MergeError::Unclean { path: tree::dotted(path) };
    let text = edit::apply(mine.text, &edits).map_err(|_| failed(&Path::new()))?;
    let after = Tree::read(&text).ok_or_else(|| failed(&Path::new()))?;
    let after = after.leaves();
    for (path, wanted) in &merge.wanted {
        if after.get(path).map(Leaf::meaning) != *wanted {
            return Err(failed(path));
        }
    }
    Ok(Merged { text, conflicts: merge.conflicts })
}

struct Merge<'a> {
    three_way: bool,
    base: BTreeMap<Path, Leaf<'a>>,
    mine: BTreeMap<Path, Leaf<'a>>,
    new: BTreeMap<Path, Leaf<'a>>,
    mine_tree: &'a Tree<'a>,
    new_tree: &'a Tree<'a>,
    replace: Vec<Edit>,
    insert: BTreeSet<Path>,
    remove: BTreeSet<Path>,
    conflicts: Vec<Conflict>,
    /// What each decided attribute must mean afterwards.
    wanted: BTreeMap<Path, Option<Meaning>>,
}

/// A value without its layout.
type Meaning = Vec<String>;

impl<'a> Merge<'a> {
    fn new(base: Option<&Tree<'a>>, mine: &'a Tree<'a>, new: &'a Tree<'a>) -> Self {
        Self {
            three_way: base.is_some(),
            base: base.map(Tree::leaves).unwrap_or_default(),
            mine: mine.leaves(),
            new: new.leaves(),
            mine_tree: mine,
            new_tree: new,
            replace: Vec::new(),
            insert: BTreeSet::new(),
            remove: BTreeSet::new(),
            conflicts: Vec::new(),
            wanted: BTreeMap::new(),
        }
    }

    fn decide(&mut self) {
        let all = self.mine.keys().chain(self.new.keys());
        let all: BTreeSet<Path> = all.cloned().collect();
        for path in all {
            let mine = self.mine.get(&path).cloned();
            let new = self.new.get(&path).cloned();
            let base = self.base.get(&path).cloned();
            self.attribute(path, base, mine, new);
        }
    }

    fn attribute(
        &mut self,
        path: Path,
        base: Option<Leaf<'a>>,
        mine: Option<Leaf<'a>>,
        new: Option<Leaf<'a>>,
    ) {
        let meaning = |leaf: &Option<Leaf<'a>>| leaf.as_ref().map(Leaf::meaning);
        let (was, is, asked) = (meaning(&base), meaning(&mine), meaning(&new));
        // without a base, what the new scan does not ask for is the user's own
        let machine_unchanged = if self.three_way { asked == was } else { asked.is_none() };
        if is == asked || machine_unchanged {
            return;
        }
        let user_unchanged = if self.three_way { is == was } else { is.is_none() };
        match (mine, new) {
            (None, Some(_)) if user_unchanged && !self.is_blocked(&path) => {
                self.wanted.insert(path.clone(), asked);
                self.insert.insert(path);
            }
            // a list that was only laid out anew is joined item by item
            (Some(mine), Some(new))
                if user_unchanged
                    && (mine.list.is_none()
                        || new.list.is_none()
                        || base.as_ref().is_some_and(|base| base.source == mine.source)) =>
            {
                self.replace.push(Edit::new(mine.assigned, new.assignment));
                self.wanted.insert(path, asked);
            }
            (Some(_), None) if user_unchanged => {
                self.wanted.insert(path.clone(), None);
                self.remove.insert(path);
            }
            (Some(mine), Some(new)) if mine.list.is_some() && new.list.is_some() => {
                self.join_lists(path, base, &mine, &new);
            }
            (mine, new) => self.conflicts.push(Conflict {
                path: tree::dotted(&path),
                yours: mine.map(|leaf| leaf.source.to_owned()),
                generated: new.map(|leaf| leaf.source.to_owned()),
            }),
        }
    }

    /// Would a definition of this path clash with what the user's file has above
    /// or below it.
    fn is_blocked(&self, path: &Path) -> bool {
        let above = (1..path.len()).any(|len| self.mine.contains_key(&path[..len]));
        let below = |other: &Path| other.len() > path.len() && other.starts_with(path);
        above || self.mine.keys().any(below)
    }

    fn join_lists(&mut self, path: Path, base: Option<Leaf<'a>>, mine: &Leaf<'a>, new: &Leaf<'a>) {
        let (Some(mine_list), Some(new_list)) = (&mine.list, &new.list) else { return };
        let was: BTreeSet<String> =
            base.and_then(|leaf| leaf.list).map(|list| list.names()).unwrap_or_default();
        let asked = new_list.names();
        let is = mine_list.names();
        let gone = |name: &String| was.contains(name) && !asked.contains(name);
        let fresh = |name: &String| !was.contains(name) && !is.contains(name);
        let mut left = Meaning::new();
        for item in &mine_list.items {
            if gone(&item.meaning) {
                self.replace.push(self.mine_tree.deletion(item.span));
            } else {
                left.push(item.meaning.clone());
            }
        }
        let mut text = String::new();
        for item in new_list.items.iter().filter(|item| fresh(&item.meaning)) {
            text += &self.mine_tree.separator(mine_list);
            text += item.source;
            left.push(item.meaning.clone());
        }
        if !text.is_empty() {
            self.replace.push(Edit::insert(mine_list.end(), text));
        }
        self.wanted.insert(path, Some(List::meaning(&left)));
    }

    fn edits(&self) -> Vec<Edit> {
        let mut edits = self.replace.clone();
        self.removals(&self.mine_tree.entries, &Path::new(), &mut edits);
        for entry in &self.new_tree.entries {
            self.insertions(entry, &mut edits);
        }
        edits
    }

    /// Deletes entries that are to go, the largest ones that hold nothing else.
    fn removals(&self, entries: &[Entry<'_>], above: &Path, edits: &mut Vec<Edit>) {
        for entry in entries {
            let path = entry.path_below(above);
            let mut leaves = BTreeMap::new();
            entry.collect(above, &mut leaves);
            if leaves.keys().all(|leaf| self.remove.contains(leaf)) && !leaves.is_empty() {
                edits.push(self.mine_tree.deletion(entry.span));
            } else if let Value::Set { entries, .. } = &entry.value {
                self.removals(entries, &path, edits);
            }
        }
    }

    fn insertions(&self, entry: &Entry<'_>, edits: &mut Vec<Edit>) {
        let mut leaves = BTreeMap::new();
        entry.collect(&Path::new(), &mut leaves);
        let missing: Vec<_> =
            leaves.iter().filter(|(path, _)| self.insert.contains(*path)).collect();
        if missing.is_empty() {
            return;
        }
        // a whole block that the file does not have, unless something of it is
        // not wanted
        let nothing_there = !leaves.keys().any(|path| self.mine.contains_key(path));
        if nothing_there && missing.len() == leaves.len() {
            edits.push(self.mine_tree.new_entry(&entry.path, entry.source));
            return;
        }
        for (path, leaf) in missing {
            edits.push(self.mine_tree.new_leaf(path, leaf.source));
        }
    }
}

/// The part of a text that an edit replaces.
fn span(range: rowan::TextRange) -> Span {
    Span::new(range.start().into(), range.end().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = r#"{ config, lib, ... }:

{
  imports =
    [ (modulesPath + "/a.nix")
    ];

  boot.initrd.availableKernelModules = [ "ahci" "xhci_pci" ];

  fileSystems."/" =
    { device = "/dev/disk/by-uuid/1";
      fsType = "ext4";
    };

  fileSystems."/old" =
    { device = "/dev/disk/by-uuid/2";
      fsType = "xfs";
    };

  swapDevices = [ ];

  hardware.x = true;
}
"#;

    fn merged(base: Option<&str>, mine: &str, new: &str) -> Merged {
        merge(base, mine, new).unwrap()
    }

    #[test]
    fn nothing_changed_nothing_touched() {
        let mine = BASE.replace("swapDevices", "# mine\n  swapDevices");
        let merged = merged(Some(BASE), &mine, BASE);
        assert_eq!(merged.text, mine);
        assert!(merged.conflicts.is_empty());
    }

    #[test]
    fn an_untouched_file_follows_the_machine() {
        let new = BASE
            .replace("by-uuid/1", "by-uuid/9")
            .replace("\"ahci\" ", "")
            .replace("  hardware.x = true;\n", "")
            .replace("swapDevices = [ ]", "swapDevices =\n    [ { device = \"/dev/b\"; }\n    ]");
        let merged = merged(Some(BASE), BASE, &new);
        assert_eq!(merged.text.replace("\n\n}", "\n}"), new.replace("\n\n}", "\n}"));
        assert!(merged.conflicts.is_empty());
    }

    #[test]
    fn edits_of_the_user_stay() {
        let mine = BASE
            .replace("\"xhci_pci\" ];", "\"xhci_pci\" \"mine\" ]; # why")
            .replace("fsType = \"ext4\";", "fsType = \"ext4\";\n      neededForBoot = true;")
            .replace("  hardware.x = true;\n", "  services.mine.enable = true;\n");
        let new = BASE
            .replace("\"xhci_pci\"", "\"nvme\"")
            .replace("by-uuid/1", "by-uuid/9")
            .replace("fsType = \"ext4\";", "fsType = \"ext4\";\n      options = [ \"noatime\" ];");
        let merged = merged(Some(BASE), &mine, &new);
        let expected = mine
            .replace("\"xhci_pci\" \"mine\" ]; # why", "\"mine\" \"nvme\" ]; # why")
            .replace("by-uuid/1", "by-uuid/9")
            .replace(
                "neededForBoot = true;",
                "neededForBoot = true;\n      options = [ \"noatime\" ];",
            );
        assert_eq!(merged.text, expected);
        assert!(merged.conflicts.is_empty());
    }

    #[test]
    fn a_removed_disk_goes_as_a_whole_and_a_new_one_comes_so() {
        let block = |point: &str| {
            format!(
                "  fileSystems.\"{point}\" =\n    {{ device = \"/dev/disk/by-uuid/2\";\n      \
                 fsType = \"xfs\";\n    }};\n\n"
            )
        };
        let new = BASE.replace(&block("/old"), &block("/new"));
        let merged = merged(Some(BASE), BASE, &new);
        assert_eq!(merged.text, new);
    }

    #[test]
    fn both_changed_is_a_conflict() {
        let mine = BASE.replace("by-uuid/1", "by-label/root");
        let new = BASE.replace("by-uuid/1", "by-uuid/9");
        let merged = merged(Some(BASE), &mine, &new);
        assert_eq!(merged.text, mine);
        assert_eq!(
            merged.conflicts,
            [Conflict {
                path: "fileSystems.\"/\".device".to_owned(),
                yours: Some("\"/dev/disk/by-label/root\"".to_owned()),
                generated: Some("\"/dev/disk/by-uuid/9\"".to_owned()),
            }]
        );
    }

    #[test]
    fn without_a_base_nothing_is_replaced() {
        let new = BASE
            .replace("by-uuid/1", "by-uuid/9")
            .replace("\"ahci\"", "\"nvme\"")
            .replace("hardware.x", "hardware.y");
        let merged = merged(None, BASE, &new);
        assert!(merged.text.contains("[ \"ahci\" \"xhci_pci\" \"nvme\" ]"));
        assert!(merged.text.contains("hardware.x") && merged.text.contains("hardware.y"));
        assert_eq!(merged.conflicts.len(), 1);
    }

    #[test]
    fn other_spellings_of_the_same_are_seen() {
        let mine = "{ ... }: let x = 1; in {\n  boot.initrd = {\n    availableKernelModules = \
                    [\n      \"ahci\"\n      \"xhci_pci\"\n    ];\n  };\n  fileSystems = {\n    \
                    \"/\" = { device = \"/dev/disk/by-uuid/1\"; fsType = \"ext4\"; };\n    \
                    \"/old\" = import ./old.nix;\n  };\n  imports = [ (modulesPath + \"/a.nix\") \
                    ];\n  swapDevices = [ ];\n  hardware.x = true;\n}\n";
        let new = BASE
            .replace("\"xhci_pci\"", "\"xhci_pci\" \"nvme\"")
            .replace("fsType = \"ext4\";", "fsType = \"ext4\";\n      options = [ \"a\" ];");
        let merged = merged(Some(BASE), mine, &new);
        assert!(merged.text.contains("\"xhci_pci\"\n      \"nvme\"\n    ];"), "{}", merged.text);
        assert!(
            merged.text.contains("fsType = \"ext4\"; options = [ \"a\" ]; };"),
            "{}",
            merged.text
        );
        assert!(merged.conflicts.is_empty(), "{:?}", merged.conflicts);
    }

    #[test]
    fn what_is_no_module_is_refused() {
        for text in ["", "1", "{ a = ; }", "x: y: 1"] {
            assert!(
                matches!(merge(None, text, BASE), Err(MergeError::Unreadable { .. })),
                "{text}"
            );
        }
    }
}
