//! INI: what is read, how edits spell, and that both keep what they do not mean.

use proptest::prelude::*;

use super::*;
use crate::format::{Document, Format, FormatError};

fn parse(text: &str) -> Document {
    Document::parse(Format::Ini, text.into()).unwrap()
}

/// `[section] key=value` and `;comment` for all items, in order.
fn flat(text: &str) -> Vec<String> {
    shown(&parse(text).tree().unwrap())
}

fn shown(tree: &Tree) -> Vec<String> {
    let text = |text: &Text| text.as_str().unwrap().to_owned();
    let mut out = Vec::new();
    for item in &tree.documents[0] {
        let Item::Entry { key: section, node: Node::Map(items) } = item else { unreachable!() };
        out.push(format!("[{section}]"));
        out.extend(items.iter().map(|item| match item {
            Item::Comment(comment) => format!(";{}", text(&comment.text)),
            Item::Entry { key, node: Node::Leaf(leaf) } => {
                format!("{key}={}", leaf.scalar.as_str().unwrap())
            }
            Item::Entry { .. } => unreachable!(),
        }));
    }
    out.extend(tree.loose.iter().map(|comment| format!("?{}", text(&comment.text))));
    out
}

fn set(text: &str, path: &[&str], value: &str) -> Result<String, FormatError> {
    change(text, path, &Change::Set(Value::str(value)))
}

fn change(text: &str, path: &[&str], change: &Change) -> Result<String, FormatError> {
    let path: Vec<Step> = path.iter().map(|&key| Step::from(key)).collect();
    let changed = parse(text).change(0, &path, change)?;
    Ok(String::from_utf8(changed.bytes().to_vec()).unwrap())
}

#[test]
fn values_are_read_as_ini_v1_does() {
    for (line, expected) in [
        ("k = v # c", "v"),
        ("k=v;c", "v"),
        ("k: v = w", "v = w"),
        ("k = 'a b'", "a b"),
        ("k = \"a\"b\"", "\"a\"b\""),
        ("k = `a # b` c", "a # b"),
        ("k = \"\"\"a;b\"\"\"", "a;b"),
        ("k = \"\"\"a\n  b\"\"\" ; c", "a\n  b"),
        ("k = a \\\n  b\\\n c\n", "a bc"),
        ("k =", ""),
        ("k = # c", ""),
        ("\u{feff}k = v\r\n", "v"),
    ] {
        assert_eq!(flat(line)[1], format!("k={expected}"), "{line}");
    }
}

#[test]
fn comments_bind_to_what_is_below() {
    let text = "; one\n# two\nk = v ; three\n\n;;; four\n[s] # five\n; six\n";
    let expected = ["[DEFAULT]", "k=v", ";one\n# two\n; three", "[s]", ";four\n# five", "?six"];
    assert_eq!(flat(text), expected);
}

#[test]
fn text_that_is_not_read_is_loose() {
    let text = "[s] secret\n\"k\" hidden = v\nl = \"\"\"a\nb\"\"\" lost ; c\n";
    assert_eq!(flat(text), ["[DEFAULT]", "[s]", "k=v", "l=a\nb", ";c", "?secret", "?hidden"]);
    let doc = parse(text);
    let tree = doc.tree().unwrap();
    let comments = tree.loose.iter().map(|comment| (&comment.site, &comment.text));
    let cut = doc.splice(doc.recomment(comments)).unwrap();
    assert_eq!(cut.bytes(), b"[s]\n\"k\" = v\nl = \"\"\"a\nb\"\"\" lost ; c\n");
    // The rest goes with the value.
    let changed = cut.change(0, &["s".into(), "l".into()], &Change::Set(Value::str("x"))).unwrap();
    assert_eq!(changed.bytes(), b"[s]\n\"k\" = v\nl = x ; c\n");
}

#[test]
fn refused_texts() {
    for text in
        ["[s", "[]", "k", "= v", "\"k = v", "\"\" = v", "k = `v", "k = \"\"\"\n", "\u{feff}x"]
    {
        let refused = Document::parse(Format::Ini, text.into());
        assert!(matches!(refused, Err(FormatError::Syntax { .. })), "{text}");
    }
    let twice = Document::parse(Format::Ini, b"[a]\nk=1\n[a]\nk=2\nk=3\n".to_vec());
    assert!(matches!(twice, Err(FormatError::DuplicateKey { offset: 16, .. })));
}

#[test]
fn a_value_is_set_where_it_stands() {
    let text = "; c\r\n[s]\r\nlong = 1\r\nk    = old ; why\r\n";
    assert_eq!(set(text, &["s", "k"], "new").unwrap(), text.replace("old", "new"));
    assert_eq!(set(text, &["s", "k"], "").unwrap(), text.replace("old", ""));
    // A quoted value hides what is behind it from ini.v1.
    assert_eq!(
        set(text, &["s", "k"], "a;b").unwrap(),
        "; c\r\n[s]\r\nlong = 1\r\n; why\r\nk    = `a;b`\r\n"
    );
    assert_eq!(set("k=\n", &["DEFAULT", "k"], "v").unwrap(), "k=v\n");
}

#[test]
fn a_new_key_looks_like_its_neighbours() {
    assert_eq!(set("[s]\na=1\n\n[t]\n", &["s", "b"], "2").unwrap(), "[s]\na=1\nb=2\n\n[t]\n");
    assert_eq!(
        set("[s]\nlonger = 1\na      = 2", &["s", "b"], "3").unwrap(),
        "[s]\nlonger = 1\na      = 2\nb      = 3\n"
    );
    assert_eq!(
        set("[s]\na: 1\n; d\n[t]\n", &["s", "b"], "").unwrap(),
        "[s]\na: 1\nb: \n; d\n[t]\n"
    );
    assert_eq!(set("", &["DEFAULT", "b"], "3").unwrap(), "b = 3\n");
    assert_eq!(set("\u{feff}[s]\n", &["DEFAULT", "b"], "3").unwrap(), "\u{feff}b = 3\n[s]\n");
}

#[test]
fn a_new_section_goes_behind_the_last() {
    assert_eq!(set("a = 1", &["s", "b"], "3").unwrap(), "a = 1\n\n[s]\nb = 3\n");
    assert_eq!(set("", &["s", "b"], "3").unwrap(), "[s]\nb = 3\n");
    let text = "[a]\nb=1\n; the end\n";
    assert_eq!(set(text, &["s", "b"], "3").unwrap(), "[a]\nb=1\n\n[s]\nb=3\n; the end\n");
}

#[test]
fn what_goes_takes_its_comment_along() {
    let text = "; a\n[s]\n; b\n\n; c\nk = v ; d\n; e\nl = w\n; f\n[t]\n; g\nm = x\n";
    assert_eq!(
        change(text, &["s", "k"], &Change::Unset).unwrap(),
        "; a\n[s]\n\n; e\nl = w\n; f\n[t]\n; g\nm = x\n"
    );
    assert_eq!(change(text, &["s"], &Change::Unset).unwrap(), "; f\n[t]\n; g\nm = x\n");
    let missing = change(text, &["s", "z"], &Change::Unset);
    assert!(matches!(missing, Err(FormatError::NoSuchPath { .. })));
}

#[test]
fn a_section_is_replaced_in_place() {
    let map = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::str(value)));
        Change::Set(Value::Map(pairs.collect()))
    };
    let text = "[s]\n; c\nk = v\n[t]\nl = w\n";
    assert_eq!(change(text, &["s"], &map(&[("k", "x")])).unwrap(), "[s]\n; c\nk = x\n[t]\nl = w\n");
    assert_eq!(
        change(text, &["s"], &map(&[("a", "1"), ("k", "v")])).unwrap(),
        "[s]\na = 1\nk = v\n[t]\nl = w\n"
    );
    assert_eq!(change(text, &["s"], &map(&[])).unwrap(), "[s]\n[t]\nl = w\n");
    assert_eq!(change("[s]", &["s"], &map(&[("a", "1")])).unwrap(), "[s]\na = 1\n");
    let flat = change(text, &["s"], &Change::Set(Value::str("x")));
    assert!(matches!(flat, Err(FormatError::NotRepresentable { .. })));
}

#[test]
fn values_are_spelled_as_sops_does_where_that_reads_back() {
    for (value, spelling) in [
        ("plain", "plain"),
        ("", ""),
        (" a", "\" a\""),
        ("a;b", "`a;b`"),
        ("a`b", "\"\"\"a`b\"\"\""),
        ("a\nb", "\"\"\"a\nb\"\"\""),
        ("a\r\nb\r", "\"\"\"a\r\nb\r\"\"\""),
        ("\"a\"", "`\"a\"`"),
        ("'a'", "`'a'`"),
        ("a\\", "`a\\`"),
        (" ;\"", "` ;\"`"),
    ] {
        assert_eq!(emit::value(&Scalar::str(value)).unwrap(), spelling);
        let text = set("k = v\n", &["DEFAULT", "k"], value).unwrap();
        assert_eq!(text, format!("k = {spelling}\n"));
    }
    for value in ["`\"\"\"\n", "a\"\"\"`\nb"] {
        let refused = set("k = v\n", &["DEFAULT", "k"], value);
        assert!(matches!(refused, Err(FormatError::NotRepresentable { .. })), "{value}");
    }
}

#[test]
fn keys_are_spelled_so_that_they_read_back() {
    for (key, spelling) in
        [("a b", "a b"), ("a=b", "`a=b`"), ("#a", "`#a`"), ("[a", "`[a`"), ("`a", "\"\"\"`a\"\"\"")]
    {
        assert_eq!(set("", &["DEFAULT", key], "v").unwrap(), format!("{spelling} = v\n"));
    }
    for key in ["", " a", "a\nb", "`=\""] {
        assert!(matches!(
            set("", &["DEFAULT", key], "v"),
            Err(FormatError::NotRepresentable { .. })
        ));
    }
}

#[test]
fn a_comment_of_several_places_becomes_one_and_comes_back() {
    let text = "  ; one\n\n  # two\n  k = v ; three\n";
    let doc = parse(text);
    let tree = doc.tree().unwrap();
    let Item::Entry { node: Node::Map(items), .. } = &tree.documents[0][0] else { unreachable!() };
    let Item::Comment(comment) = &items[1] else { unreachable!() };
    let one = Text::from("ENC");
    let sealed = doc.splice(doc.recomment([(&comment.site, &one)].into_iter())).unwrap();
    assert_eq!(sealed.bytes(), b"  ; ENC\n\n  k = v\n");
    let text = "k = v ; ENC\n";
    let doc = parse(text);
    let tree = doc.tree().unwrap();
    let Item::Entry { node: Node::Map(items), .. } = &tree.documents[0][0] else { unreachable!() };
    let Item::Comment(comment) = &items[1] else { unreachable!() };
    let two = Text::from("one\n# two\nthree");
    let opened = doc.splice(doc.recomment([(&comment.site, &two)].into_iter())).unwrap();
    assert_eq!(opened.bytes(), b"; one\n# two\n; three\nk = v\n");
}

#[test]
fn a_comment_keeps_its_mark() {
    let text = "#one\na = 1\n;;;  two\nb = 2 ;three\n#;four\nc = 3\n";
    let doc = parse(text);
    let tree = doc.tree().unwrap();
    let (_, comments) = leaves(&tree.documents[0]);
    let same = comments.iter().map(|comment| (&comment.site, &comment.text));
    let expected = text.replace("2 ;three", "2").replace(";;;  two", ";;;  two\n;three");
    assert_eq!(doc.splice(doc.recomment(same)).unwrap().bytes(), expected.as_bytes());
}

#[test]
fn a_part_goes_before_what_ends_the_text() {
    let doc = parse("[a]\nb = 1\n; end");
    let with = doc.splice(vec![doc.paste(0, b"[sops]\nmac = x\n", true).unwrap()]).unwrap();
    assert_eq!(with.bytes(), b"[a]\nb = 1\n[sops]\nmac = x\n; end");
    let part = with.part(0, "sops").unwrap();
    assert_eq!(part.text.as_slice(), b"[sops]\nmac = x\n");
    let without = with.splice(part.cuts.into_iter().map(Splice::cut).collect()).unwrap();
    assert_eq!(without.bytes(), doc.bytes());
}

#[test]
fn a_whole_file_has_the_layout_of_sops() {
    let source = "a=1\n;c\nlonger=2\n[s]\n# d\n[t] ;e\nx=`#`\n\"y=\"=\n";
    let tree = parse(source).tree().unwrap();
    let text = super::text(&tree.documents[0]).unwrap();
    assert_eq!(*text, "a      = 1\n; c\nlonger = 2\n\n[s]\n\n; d\n; e\n[t]\nx    = `#`\n`y=` = \n");
}

/// Lines of all kinds, with secrets that must not survive.
fn document() -> impl Strategy<Value = String> {
    let newline =
        prop_oneof![4 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just(" \n")];
    let key = prop_oneof![
        "[a-d]{1,2}",
        "[a-d] [a-d]",
        "`[a-d]=`",
        "\"[a-d]\"",
        "\"\"\"[a-d]{1,2}\"\"\"",
        "\"[a-d]\" junk",
        Just("-".to_owned()),
    ];
    let value = prop_oneof![
        4 => "[a-z\"'é]{0,6}",
        1 => "[a-z]{1,4}( [a-z]{1,4}){0,2}",
        1 => "[a-z]{1,4} ?[;#] ?[a-z]{0,4}",
        1 => "`[a-z;#\n]{0,6}`( junk)?( ; c)?",
        1 => "\"\"\"[a-z;#\n\"`]{0,6}\"\"\"( junk)?( ; c)?",
        1 => "[a-z]{1,3} \\\\\n [a-z]{1,3}",
    ];
    let delimiter =
        prop_oneof![3 => Just(" = "), 1 => Just("="), 1 => Just(": "), 1 => Just("   =")];
    let line = prop_oneof![
        5 => (key, delimiter, value).prop_map(|(k, d, v)| format!("{k}{d}{v}")),
        2 => "\\[[s-v]{1,2}\\]( junk)?( ?[;#] ?[a-z]{1,4})?",
        2 => " {0,2}[;#]{1,2} ?[a-z]{1,6}",
    ];
    let bom = prop_oneof![9 => Just(""), 1 => Just("\u{feff}")];
    (bom, prop::collection::vec((line, newline), 0..9), any::<bool>()).prop_map(
        |(bom, lines, trim)| {
            let text: String = lines.into_iter().map(|(line, newline)| line + newline).collect();
            let text = if trim { text.trim_end_matches('\n') } else { &text };
            format!("{bom}{text}")
        },
    )
}

fn leaves(items: &[Item]) -> (Vec<&Leaf>, Vec<&Comment>) {
    let (mut leaves, mut comments) = (Vec::new(), Vec::new());
    for item in items {
        let Item::Entry { node: Node::Map(items), .. } = item else { unreachable!() };
        for item in items {
            match item {
                Item::Comment(comment) => comments.push(comment),
                Item::Entry { node: Node::Leaf(leaf), .. } => leaves.push(leaf),
                Item::Entry { .. } => unreachable!(),
            }
        }
    }
    (leaves, comments)
}

/// The comments with line breaks of one kind.
fn texts(comments: &[&Comment]) -> Vec<String> {
    comments.iter().map(|comment| comment.text.as_str().unwrap().replace("\r\n", "\n")).collect()
}

/// All values and comments replaced by what `leaf` and `comment` make of their numbers.
fn replaced(
    doc: &Document,
    tree: &Tree,
    leaf: impl Fn(usize) -> Scalar,
    comment: impl Fn(usize) -> Text,
) -> Document {
    let (leaves, comments) = leaves(&tree.documents[0]);
    let scalars: Vec<_> = (0..leaves.len()).map(leaf).collect();
    let texts: Vec<_> = (0..comments.len()).map(comment).collect();
    let none = Text::from("");
    let loose = tree.loose.iter().map(|comment| (&comment.site, &none));
    let mut splices = doc.respell(leaves.iter().map(|leaf| &leaf.site).zip(&scalars)).unwrap();
    let sites = comments.iter().map(|comment| &comment.site);
    splices.extend(doc.recomment(sites.zip(&texts).chain(loose)));
    doc.splice(splices).unwrap()
}

proptest! {
    #[test]
    fn sealing_hides_all_and_opening_brings_it_back(text in document()) {
        let Ok(doc) = Document::parse(Format::Ini, text.into_bytes()) else { return Ok(()) };
        let tree = doc.tree().unwrap();
        let sealed = replaced(
            &doc,
            &tree,
            |n| Scalar::str(&format!("ENC[AES256_GCM,data:{n}]")),
            |n| Text::from(format!("ENC[{n}]").as_str()),
        );
        let sealed_tree = sealed.tree().unwrap();
        let (leaves_, comments) = leaves(&sealed_tree.documents[0]);
        for (n, leaf) in leaves_.iter().enumerate() {
            let expected = format!("ENC[AES256_GCM,data:{n}]");
            prop_assert_eq!(leaf.scalar.as_str(), Some(expected.as_str()));
        }
        for (n, comment) in comments.iter().enumerate() {
            let expected = format!("ENC[{n}]");
            prop_assert_eq!(comment.text.as_str(), Some(expected.as_str()));
        }
        prop_assert!(sealed_tree.loose.iter().all(|c| c.text.is_empty()));
        prop_assert!(!String::from_utf8_lossy(sealed.bytes()).contains("junk"));
        let (old_leaves, old_comments) = leaves(&tree.documents[0]);
        prop_assert_eq!(old_leaves.len(), leaves_.len());
        prop_assert_eq!(old_comments.len(), comments.len());
        let opened = replaced(
            &sealed,
            &sealed_tree,
            |n| old_leaves[n].scalar.clone(),
            |n| old_comments[n].text.clone(),
        );
        prop_assert_eq!(opened.tree().unwrap().to_values(), tree.to_values());
        let opened = opened.tree().unwrap();
        prop_assert_eq!(texts(&leaves(&opened.documents[0]).1), texts(&old_comments));
    }

    #[test]
    fn an_edit_keeps_all_other_lines(
        text in document(),
        section in "[s-v]{1,2}|DEFAULT",
        key in "[a-d]{1,2}",
        value in "[a-z ;#`\"'\n\\\\]{0,6}",
    ) {
        let Ok(doc) = Document::parse(Format::Ini, text.clone().into_bytes()) else { return Ok(()) };
        let before = doc.tree().unwrap();
        let path = [Step::from(section.as_str()), Step::from(key.as_str())];
        match doc.change(0, &path, &Change::Set(Value::str(&value))) {
            Ok(changed) => {
                let after = changed.tree().unwrap();
                let (old, new) = (leaves(&before.documents[0]).1, leaves(&after.documents[0]).1);
                prop_assert_eq!(texts(&old), texts(&new));
            }
            Err(error) => {
                // A last value without line break may be read differently once it has one.
                let open = !doc.bytes().ends_with(b"\n");
                let refused = matches!(error, FormatError::NotRepresentable { .. });
                prop_assert!(refused || open, "{error}");
            }
        }
    }

    #[test]
    fn what_is_removed_is_all_that_goes(text in document(), n in any::<prop::sample::Index>()) {
        let Ok(doc) = Document::parse(Format::Ini, text.into_bytes()) else { return Ok(()) };
        let Value::Map(sections) = &doc.tree().unwrap().to_values()[0] else { unreachable!() };
        let paths: Vec<Vec<Step>> = sections
            .iter()
            .flat_map(|(name, inner)| {
                let Value::Map(pairs) = inner else { unreachable!() };
                let name = Step::from(name.as_str());
                let keys = pairs.iter().map(|(key, _)| Step::from(key.as_str()));
                let paths: Vec<_> = keys.map(|key| vec![name.clone(), key]).collect();
                paths.into_iter().chain([vec![name.clone()]]).collect::<Vec<_>>()
            })
            .filter(|path| path[..] != [Step::from("DEFAULT")])
            .collect();
        if paths.is_empty() {
            return Ok(());
        }
        let path = n.get(&paths);
        match doc.change(0, path, &Change::Unset) {
            Ok(_) => {}
            // The numbers of `-` keys move; a path leads into the first section of its name.
            Err(error) => {
                let numbered = doc.bytes().contains(&b'-');
                let name = |(name, _): &&(String, Value)| Step::from(name.as_str()) == path[0];
                let twice = sections.iter().filter(name).count() > 1;
                prop_assert!(numbered || twice, "{path:?} {error}");
            }
        }
    }

    #[test]
    fn a_whole_file_reads_back(text in document()) {
        let Ok(doc) = Document::parse(Format::Ini, text.into_bytes()) else { return Ok(()) };
        let tree = doc.tree().unwrap();
        let Ok(text) = super::text(&tree.documents[0]) else { return Ok(()) };
        let again = parse(&text).tree().unwrap();
        prop_assert_eq!(again.to_values(), tree.to_values());
    }

    #[test]
    fn no_bytes_panic(text in "[\\[\\]=:;#\"'`\\\\ a\r\n\u{feff}é-]{0,40}", key in "[a= ]{0,2}") {
        if let Ok(doc) = Document::parse(Format::Ini, text.into_bytes()) {
            doc.tree().unwrap();
            let path = [Step::from("a"), Step::from(key.as_str())];
            let _ = doc.change(0, &path, &Change::Set(Value::str(&key)));
            let _ = doc.change(0, &path, &Change::Unset);
            let _ = doc.change(0, &path[..1], &Change::Unset);
        }
    }
}
