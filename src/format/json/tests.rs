//! JSON: what is read, how edits spell, and that both keep what they do not mean.

use proptest::prelude::*;

use super::*;
use crate::format::Document;
use crate::format::scalar::Text;

fn document(text: &str) -> Document {
    Document::parse(Format::Json, text.into()).unwrap()
}

fn edited(text: &str, path: &[Step], change: &Change) -> Result<String, FormatError> {
    let changed = document(text).change(0, path, change)?;
    Ok(String::from_utf8(changed.bytes().to_vec()).unwrap())
}

fn set(text: &str, path: &[Step], new: &str) -> String {
    edited(text, path, &Change::Set(value(new).unwrap())).unwrap()
}

fn unset(text: &str, path: &[Step]) -> String {
    edited(text, path, &Change::Unset).unwrap()
}

fn fails(text: &str) -> FormatError {
    match Document::parse(Format::Json, text.into()) {
        Ok(doc) => doc.tree().unwrap_err(),
        Err(error) => error,
    }
}

#[test]
fn scalars_are_typed_as_sops_types_them() {
    for (text, expected) in [
        ("0", Scalar::Int(0)),
        ("-0", Scalar::Int(0)),
        ("9223372036854775807", Scalar::Int(i64::MAX)),
        ("9223372036854775808", Scalar::Float(9_223_372_036_854_775_808.0)),
        ("1.0", Scalar::Float(1.0)),
        ("1e2", Scalar::Float(100.0)),
        ("1E-400", Scalar::Float(0.0)),
        ("true", Scalar::Bool(true)),
        ("null", Scalar::Null),
        (r#""a\u00e9\ud83d\ude00\/""#, Scalar::str("aé😀/")),
        (r#""\ud83dx\udc00""#, Scalar::str("\u{fffd}x\u{fffd}")),
    ] {
        assert_eq!(value(text).unwrap(), Value::Scalar(expected), "{text}");
    }
    let refused = value("1e400");
    assert!(matches!(refused, Err(FormatError::NotRepresentable { .. })));
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        "{",
        "{\"a\"}",
        "{\"a\":1,}",
        "[1,]",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "nul",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u00é\"",
        "\"",
        "{} {}",
        "// c\n{}",
        "{'a':1}",
        "\u{a0}{}",
    ] {
        assert!(matches!(fails(text), FormatError::Syntax { .. }), "{text}");
    }
    assert!(matches!(fails("[]"), FormatError::TopLevel { .. }));
    assert!(matches!(
        fails("{\"a\":{\"b\":1,\"b\":2}}"),
        FormatError::DuplicateKey { offset: 12, .. }
    ));
    let deep = "[".repeat(1_000_000);
    assert!(matches!(fails(&deep), FormatError::TooDeep { .. }));
    let latin = Document::parse(Format::Json, b"{\"a\": \"\xe9\"}".to_vec());
    assert!(matches!(latin, Err(FormatError::Syntax { offset: 7, .. })));
}

#[test]
fn a_value_is_set_where_it_stands() {
    let text = "{\r\n  \"a\" : [ 1.50, {\"b\": \"x\"} ],\r\n  \"c\": 1e3 }\r\n";
    let path = ["a".into(), 1.into(), "b".into()];
    assert_eq!(set(text, &path, "\"<y>\""), text.replace("\"x\"", "\"<y>\""));
    assert_eq!(
        set(text, &["c".into()], "{\"d\": [1]}"),
        text.replace("1e3", "{\r\n    \"d\": [\r\n      1\r\n    ]\r\n  }")
    );
    assert_eq!(set("\u{feff}{\"a\":1}", &["a".into()], "2"), "\u{feff}{\"a\":2}");
}

#[test]
fn a_new_value_looks_like_its_neighbours() {
    assert_eq!(set("{}", &["a".into()], "1"), "{\n\t\"a\": 1\n}");
    assert_eq!(set("{\n  \"a\": 1\n}", &["b".into()], "2"), "{\n  \"a\": 1,\n  \"b\": 2\n}");
    assert_eq!(set("{\"a\":1}", &["b".into()], "[2,3]"), "{\"a\":1,\"b\":[2,3]}");
    assert_eq!(set("{\"a\": 1}", &["b".into()], "[2,3]"), "{\"a\": 1, \"b\": [2, 3]}");
    assert_eq!(set("{ \"a\": [1,2] }", &["a".into(), 2.into()], "3"), "{ \"a\": [1,2,3] }");
    assert_eq!(
        set("{\n    \"a\": {}\n}", &["a".into(), "b".into(), 0.into()], "1"),
        "{\n    \"a\": {\n        \"b\": [\n            1\n        ]\n    }\n}"
    );
    assert_eq!(set("\n{\"a\": 1}\n", &["b".into()], "2"), "\n{\"a\": 1, \"b\": 2}\n");
}

#[test]
fn what_is_removed_takes_one_comma_along() {
    let text = "{\n\t\"a\": 1,\n\t\"b\": [1, 2, 3],\n\t\"c\": 3\n}\n";
    assert_eq!(unset(text, &["a".into()]), text.replace("\"a\": 1,\n\t", ""));
    assert_eq!(unset(text, &["c".into()]), text.replace(",\n\t\"c\": 3", ""));
    assert_eq!(unset(text, &["b".into(), 1.into()]), text.replace("2, ", ""));
    assert_eq!(unset("{\n\t\"a\": 1\n}", &["a".into()]), "{}");
    for path in [&["z".into()][..], &["b".into(), 3.into()], &["a".into(), "x".into()], &[]] {
        let missing = edited(text, path, &Change::Unset);
        assert!(matches!(missing, Err(FormatError::NoSuchPath { .. })), "{path:?}");
    }
    let gap = edited(text, &["b".into(), 4.into()], &Change::Set(Value::str("x")));
    assert!(matches!(gap, Err(FormatError::NoSuchPath { .. })));
}

#[test]
fn what_json_cannot_hold_is_refused() {
    for scalar in
        [Scalar::Float(f64::NAN), Scalar::Float(f64::INFINITY), Scalar::Str(Text::new(*b"\xff"))]
    {
        let refused = edited("{}", &["a".into()], &Change::Set(Value::Scalar(scalar)));
        assert!(matches!(refused, Err(FormatError::NotRepresentable { .. })));
    }
}

#[test]
fn a_whole_text_is_that_of_sops() {
    // Made by the JSON store of sops 3.13.2.
    let source = r#"{"a<":"<&>\u2028\u007f\u0001\b\f\/é","l":[1,{},[],{"x":null}],
        "f":[1e21,1e20,1e-6,1e-7,1.0,-0.0,0.1,123456789.5]}"#;
    assert_eq!(*text(&value(source).unwrap()).unwrap(), GO_LAYOUT);
}

const GO_LAYOUT: &str = "{\n\
                         \t\"a\\u003c\": \"\\u003c\\u0026\\u003e\\u2028\u{7f}\\u0001\\b\\f/é\",\n\
                         \t\"l\": [\n\
                         \t\t1,\n\
                         \t\t{},\n\
                         \t\t[],\n\
                         \t\t{\n\
                         \t\t\t\"x\": null\n\
                         \t\t}\n\
                         \t],\n\
                         \t\"f\": [\n\
                         \t\t1e+21,\n\
                         \t\t100000000000000000000,\n\
                         \t\t0.000001,\n\
                         \t\t1e-7,\n\
                         \t\t1,\n\
                         \t\t-0,\n\
                         \t\t0.1,\n\
                         \t\t123456789.5\n\
                         \t]\n\
                         }\n\
                         ";

fn json() -> impl Strategy<Value = String> {
    let space = || prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\n  "), 1 => Just("\r\n")];
    let leaf = prop_oneof![
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?([eE][+-]?[0-9])?",
        "\"[a-z<é ]{0,4}(\\\\[nt\"/]|\\\\u00e9)?\"",
        Just("true".to_owned()),
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let spaced = (space(), inner.clone(), space()).prop_map(|(a, v, b)| format!("{a}{v}{b}"));
        let member = (space(), space(), spaced.clone());
        prop_oneof![
            (prop::collection::vec(spaced, 0..4), space())
                .prop_map(|(items, s)| format!("[{}{s}]", items.join(","))),
            (prop::collection::vec(member, 0..4), space()).prop_map(|(members, s)| {
                let members = members.iter().enumerate();
                let members = members.map(|(n, (a, b, v))| format!("{a}\"k{n}\"{b}:{v}"));
                format!("{{{}{s}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
    .prop_map(|value| format!(" {{\"top\": {value}}}\n"))
}

/// The paths to all values of `value`.
fn paths(value: &Value, path: &mut Vec<Step>, out: &mut Vec<Vec<Step>>) {
    let children: Vec<(Step, &Value)> = match value {
        Value::List(items) => items.iter().enumerate().map(|(n, v)| (n.into(), v)).collect(),
        Value::Map(pairs) => pairs.iter().map(|(k, v)| (k.as_str().into(), v)).collect(),
        Value::Scalar(_) => Vec::new(),
    };
    for (step, child) in children {
        path.push(step);
        out.push(path.clone());
        paths(child, path, out);
        path.pop();
    }
}

proptest! {
    #[test]
    fn an_edit_keeps_all_around_it(
        source in json(),
        new in json(),
        n in any::<prop::sample::Index>(),
        beyond in any::<Option<bool>>(),
    ) {
        let doc = document(&source);
        let mut all = Vec::new();
        paths(&doc.tree().unwrap().to_values()[0], &mut Vec::new(), &mut all);
        let mut path = n.get(&all).clone();
        if let Some(list) = beyond {
            path.push(if list { Step::Index(0) } else { "new".into() });
        }
        let set = doc.change(0, &path, &Change::Set(value(&new).unwrap()));
        if let Ok(set) = set {
            // What is around the change is a prefix and a suffix of both texts.
            let (old, new) = (doc.bytes(), set.bytes());
            let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
            let back = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
            let json = Json::parse(old).unwrap();
            let (mut at, mut span) = (0, json.nodes[0].span.clone());
            for step in &path {
                let Some((_, child)) = json.child(at, step) else { break };
                at = child;
                span = json.nodes[at].span.clone();
            }
            prop_assert!(front >= span.start && back >= old.len() - span.end);
        } else {
            prop_assert!(beyond.is_some());
        }
        let _ = doc.change(0, &path, &Change::Unset);
        if beyond.is_none() {
            doc.change(0, &path, &Change::Unset).unwrap();
        }
    }

    #[test]
    fn new_spellings_read_back(source in json(), word in "[a-zé<\"\\\\\n\u{2028}\u{1}]{0,6}") {
        let doc = document(&source);
        let tree = doc.tree().unwrap();
        let mut leaves = Vec::new();
        fn collect<'t>(items: &'t [Item], out: &mut Vec<&'t Leaf>) {
            for item in items {
                match item {
                    Item::Entry { node: Node::Leaf(leaf), .. } => out.push(leaf),
                    Item::Entry { node: Node::List(items) | Node::Map(items), .. } => collect(items, out),
                    Item::Comment(_) => {}
                }
            }
        }
        collect(&tree.documents[0], &mut leaves);
        let scalar = Scalar::str(&word);
        let all = leaves.iter().map(|leaf| (&leaf.site, &scalar));
        let sealed = doc.splice(doc.respell(all).unwrap()).unwrap().tree().unwrap();
        let mut sealed_leaves = Vec::new();
        collect(&sealed.documents[0], &mut sealed_leaves);
        prop_assert_eq!(sealed_leaves.len(), leaves.len());
        prop_assert!(sealed_leaves.iter().all(|leaf| leaf.scalar == scalar));
    }

    #[test]
    fn a_whole_text_reads_back(source in json()) {
        let old = value(&source).unwrap();
        let again = value(&text(&old).unwrap()).unwrap();
        // Go prints a float without fraction as an integer; nothing else changes.
        prop_assert!(super::super::alike(&again, &old, Format::Json));
    }

    #[test]
    fn no_bytes_panic(text in "[{}\\[\\]:,\"\\\\u0-9dDeE.+ ntrué\n-]{0,30}", cut in 0_usize..40, source in json()) {
        for bytes in [text.as_bytes(), source.as_bytes().get(cut..).unwrap_or_default()] {
            if let Ok(doc) = Document::parse(Format::Json, bytes.to_vec()) {
                let _ = doc.tree();
                let _ = doc.change(0, &["a".into()], &Change::Set(Value::str("b")));
                let _ = doc.change(0, &[0.into()], &Change::Unset);
            }
        }
    }
}
