//! Random Nix expressions that mostly make sense. A tape of numbers decides every choice, so a shorter or
//! smaller tape is a simpler expression and failures shrink.

/// What an expression should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Bool,
    /// From an integer to an integer.
    Function,
    Int,
    Ints,
    Set,
    String,
    Strings,
}

use Type::{Bool, Function, Int, Ints, Set, String as Text, Strings};

const TYPES: [Type; 6] = [Int, Text, Bool, Ints, Strings, Set];
const NAMES: [&str; 6] = ["a", "b", "c", "foo", "x1", "y'"];
const FRAGMENTS: [&str; 16] = [
    "a", "", "b c", r"\n", "1", r#"\""#, r"\${", "$", "$$", "é", r"\\", r"\t", "x-y", "''", "#",
    "/",
];
const INDENTED: [&str; 16] = [
    "a", "", "  b", "\tc", "''${", "'''", "$", r"''\n", "\"", "$$", "é", r"\", "   ", "#x", "'",
    " d ",
];

/// The expression that a tape stands for.
pub(crate) fn expression(tape: &[u16]) -> String {
    let mut random = Random { tape: tape.iter(), scope: Vec::new() };
    let wanted = random.one_of(&TYPES);
    random.expression(wanted, 5)
}

/// A pattern and a text for `builtins.match` and `builtins.split`.
pub(crate) fn pattern_and_text(tape: &[u16]) -> (String, String) {
    let mut random = Random { tape: tape.iter(), scope: Vec::new() };
    let pattern = random.pattern(3);
    let length = random.below(8);
    let text = (0..length).map(|_| random.one_of(&["a", "b", "ab", "c", "-"])).collect();
    (pattern, text)
}

struct Random<'t> {
    tape: std::slice::Iter<'t, u16>,
    /// Variables in scope, innermost last.
    scope: Vec<(&'static str, Type)>,
}

impl Random<'_> {
    /// A number below `bound`; 0 once the tape is at its end.
    fn below(&mut self, bound: usize) -> usize {
        self.tape.next().map_or(0, |number| usize::from(*number) % bound)
    }

    fn one_of<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())]
    }

    fn name(&mut self) -> &'static str {
        self.one_of(&NAMES)
    }

    fn other_name(&mut self, than: &str) -> &'static str {
        let name = self.name();
        if name != than {
            name
        } else if than == "a" {
            "b"
        } else {
            "a"
        }
    }

    /// An expression in a scope that has one more variable.
    fn inside(&mut self, name: &'static str, is: Type, wanted: Type, depth: usize) -> String {
        self.scope.push((name, is));
        let text = self.expression(wanted, depth);
        self.scope.pop();
        text
    }

    fn expression(&mut self, wanted: Type, depth: usize) -> String {
        if depth == 0 {
            return self.leaf(wanted);
        }
        let depth = depth - 1;
        match self.below(24) {
            0 => self.leaf(wanted),
            1 | 2 => self.variable(wanted),
            3 => {
                let (test, yes) = (self.expression(Bool, depth), self.expression(wanted, depth));
                format!("(if {test} then {yes} else {})", self.expression(wanted, depth))
            }
            4 | 5 => {
                let (name, is) = (self.name(), self.one_of(&TYPES));
                let value = self.expression(is, depth);
                format!("(let {name} = {value}; in {})", self.inside(name, is, wanted, depth))
            }
            6 => {
                let (name, is) = (self.name(), self.one_of(&TYPES));
                let value = self.expression(is, depth);
                // What is bound by `let` or a function hides what `with` brings.
                let body = if self.scope.iter().any(|(known, _)| *known == name) {
                    self.expression(wanted, depth)
                } else {
                    self.inside(name, is, wanted, depth)
                };
                format!("(with {{ {name} = {value}; }}; {body})")
            }
            7 => {
                let (name, is) = (self.name(), self.one_of(&TYPES));
                let value = self.expression(is, depth);
                format!("(({name}: {}) {value})", self.inside(name, is, wanted, depth))
            }
            8 => self.pattern_call(wanted, depth),
            9 => format!("{{ a = {}; }}.a", self.expression(wanted, depth)),
            10 => {
                let (name, is) = (self.name(), self.one_of(&TYPES));
                let value = self.expression(is, depth);
                let body = self.inside(name, is, wanted, depth);
                format!("rec {{ {name} = {value}; result = {body}; }}.result")
            }
            11 => {
                let set = self.expression(Set, depth);
                format!("(({set}).nothing or {})", self.expression(wanted, depth))
            }
            12 => {
                let list =
                    format!("[ {} {} ]", self.element(wanted, depth), self.element(wanted, depth));
                format!("(builtins.elemAt {list} {})", self.below(2))
            }
            13 => format!(
                "(assert {} || true; {})",
                self.expression(Bool, depth),
                self.expression(wanted, depth)
            ),
            14 => {
                let set = self.expression(Set, depth);
                format!("(({set}) // {{ it = {}; }}).it", self.expression(wanted, depth))
            }
            15 => {
                let name = self.name();
                let value = self.expression(wanted, depth);
                format!("(let inherit ({{ {name} = {value}; }}) {name}; in {name})")
            }
            _ => match wanted {
                Bool => self.bool(depth),
                Function => self.function(depth),
                Int => self.int(depth),
                Ints => self.ints(depth),
                Set => self.set(depth),
                Text => self.text(depth),
                Strings => self.strings(depth),
            },
        }
    }

    /// An expression that may stand in a list or as an argument.
    fn element(&mut self, wanted: Type, depth: usize) -> String {
        format!("({})", self.expression(wanted, depth))
    }

    fn leaf(&mut self, wanted: Type) -> String {
        match wanted {
            Bool => (self.one_of(&["true", "false"])).to_owned(),
            Function => {
                (self.one_of(&["(x: x)", "(x: x + 1)", "builtins.add 2", "(x: 7)"])).to_owned()
            }
            Int => (self.one_of(&["0", "1", "2", "-3", "10", "64"])).to_owned(),
            Ints => (self.one_of(&["[ ]", "[ 1 2 ]", "[ 3 1 2 ]", "[ 5 ]"])).to_owned(),
            Set => (self.one_of(&["{ }", "{ a = 1; }", "{ b = \"x\"; a = [ ]; }"])).to_owned(),
            Text => format!("\"{}\"", self.one_of(&FRAGMENTS)),
            Strings => (self.one_of(&["[ ]", "[ \"a\" ]", "[ \"b\" \"a\" \"\" ]"])).to_owned(),
        }
    }

    /// The innermost meaning of a name decides; a name hidden by another type does not count.
    fn variable(&mut self, wanted: Type) -> String {
        let fitting: Vec<_> = NAMES
            .into_iter()
            .filter(|name| {
                let innermost = self.scope.iter().rev().find(|(known, _)| known == name);
                innermost.is_some_and(|(_, is)| *is == wanted)
            })
            .collect();
        if fitting.is_empty() { self.leaf(wanted) } else { (self.one_of(&fitting)).to_owned() }
    }

    fn pattern_call(&mut self, wanted: Type, depth: usize) -> String {
        let (first, is) = (self.name(), self.one_of(&TYPES));
        let second = self.other_name(first);
        let other = self.one_of(&TYPES);
        let value = self.expression(is, depth);
        let default = self.inside(first, is, other, depth);
        self.scope.push((first, is));
        let body = self.inside(second, other, wanted, depth);
        self.scope.pop();
        let (pattern, extra) = self.one_of(&[
            ("{ F, S ? D }", ""),
            ("{ F, S ? D, ... }", "more = 1; "),
            ("args@{ F, S ? D }", ""),
            ("{ F, S ? D, ... }@args", "more = 2; "),
        ]);
        let pattern =
            pattern.replace('F', first).replace('S', second).replace('D', &format!("({default})"));
        format!("(({pattern}: {body}) {{ {extra}{first} = {value}; }})")
    }

    fn bool(&mut self, depth: usize) -> String {
        let is = self.one_of(&TYPES);
        match self.below(10) {
            0 => format!("({} == {})", self.expression(is, depth), self.expression(is, depth)),
            1 => format!("({} != {})", self.expression(is, depth), self.expression(is, depth)),
            2 => {
                let order = self.one_of(&["<", "<=", ">", ">="]);
                let is = self.one_of(&[Int, Text, Ints]);
                format!("({} {order} {})", self.expression(is, depth), self.expression(is, depth))
            }
            3 => {
                let operator = self.one_of(&["&&", "||", "->"]);
                format!(
                    "({} {operator} {})",
                    self.expression(Bool, depth),
                    self.expression(Bool, depth)
                )
            }
            4 => format!("(!{})", self.expression(Bool, depth)),
            5 => format!("({} ? {})", self.element(Set, depth), self.name()),
            6 => format!(
                "(builtins.elem {} {})",
                self.element(Int, depth),
                self.element(Ints, depth)
            ),
            7 => format!("(builtins.any (x: x > 1) {})", self.element(Ints, depth)),
            8 => format!("(builtins.isString {})", self.element(is, depth)),
            _ => format!(
                "(builtins.hasAttr {} {})",
                self.element(Text, depth),
                self.element(Set, depth)
            ),
        }
    }

    fn function(&mut self, depth: usize) -> String {
        match self.below(4) {
            0 => {
                let name = self.name();
                format!("({name}: {})", self.inside(name, Int, Int, depth))
            }
            1 => format!("(builtins.add {})", self.element(Int, depth)),
            2 => format!("{{ __functor = self: y: y + {}; }}", self.element(Int, depth)),
            _ => format!("(if {} then (x: x) else (x: x * 2))", self.expression(Bool, depth)),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        match self.below(10) {
            0..=2 => {
                let operator = self.one_of(&["+", "-", "*"]);
                format!(
                    "({} {operator} {})",
                    self.expression(Int, depth),
                    self.expression(Int, depth)
                )
            }
            3 => format!(
                "({} / {})",
                self.expression(Int, depth),
                self.one_of(&["2", "(-3)", "7", "0"])
            ),
            4 => format!("(-{})", self.expression(Int, depth)),
            5 => format!("(builtins.stringLength {})", self.element(Text, depth)),
            6 => format!("(builtins.length {})", self.element(Ints, depth)),
            7 => format!("({} {})", self.element(Function, depth), self.element(Int, depth)),
            8 => format!("(builtins.foldl' builtins.add 0 {})", self.element(Ints, depth)),
            _ => format!("(builtins.bitAnd {} 255)", self.element(Int, depth)),
        }
    }

    fn ints(&mut self, depth: usize) -> String {
        match self.below(8) {
            0 => format!("[ {} {} ]", self.element(Int, depth), self.element(Int, depth)),
            1 => format!("({} ++ {})", self.expression(Ints, depth), self.expression(Ints, depth)),
            2 => format!("(map {} {})", self.element(Function, depth), self.element(Ints, depth)),
            3 => format!(
                "(builtins.filter (x: x > {}) {})",
                self.expression(Int, depth),
                self.element(Ints, depth)
            ),
            4 => format!("(builtins.genList {} {})", self.element(Function, depth), self.below(4)),
            5 => format!("(builtins.sort builtins.lessThan {})", self.element(Ints, depth)),
            6 => format!(
                "(builtins.concatMap (x: [ x {} ]) {})",
                self.element(Int, depth),
                self.element(Ints, depth)
            ),
            _ => format!("(builtins.attrValues {{ a = {}; b = 2; }})", self.expression(Int, depth)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        let is = self.one_of(&TYPES);
        match self.below(12) {
            0 => format!("({} + {})", self.expression(Text, depth), self.expression(Text, depth)),
            1 | 2 => {
                let (before, after) = (self.one_of(&FRAGMENTS), self.one_of(&FRAGMENTS));
                // A `$` right before would escape the interpolation's own.
                let before = before.trim_end_matches('$');
                format!("\"{before}${{{}}}{after}\"", self.expression(Text, depth))
            }
            3 | 4 => self.indented(depth),
            5 => format!(
                "(builtins.substring {} {} {})",
                self.below(3),
                self.below(5),
                self.element(Text, depth)
            ),
            6 => format!("(toString {})", self.element(is, depth)),
            7 => format!(
                "(builtins.concatStringsSep {} {})",
                self.element(Text, depth),
                self.element(Strings, depth)
            ),
            8 => format!(
                "(builtins.replaceStrings [ \"a\" {} ] [ \"X\" \"Y\" ] {})",
                self.element(Text, depth),
                self.element(Text, depth)
            ),
            9 => format!("(builtins.typeOf {})", self.element(is, depth)),
            10 => format!("(builtins.toJSON {})", self.element(is, depth)),
            _ => format!("(toString (builtins.attrNames {}))", self.element(Set, depth)),
        }
    }

    fn indented(&mut self, depth: usize) -> String {
        let mut text = "''".to_owned();
        for _ in 0..=self.below(4) {
            text.push('\n');
            text.push_str(&" ".repeat(self.below(5)));
            let fragment = self.one_of(&INDENTED);
            text.push_str(fragment);
            if !fragment.ends_with(['$', '\'']) && self.below(3) == 1 {
                text.push_str(&format!("${{{}}}", self.expression(Text, depth)));
            }
            text.push_str(self.one_of(&["", "z", "  "]));
        }
        text.push_str(self.one_of(&["\n''", "\n  ''", " ''"]));
        text
    }

    fn strings(&mut self, depth: usize) -> String {
        match self.below(5) {
            0 => format!("[ {} {} ]", self.element(Text, depth), self.element(Text, depth)),
            1 => format!("(builtins.attrNames {})", self.element(Set, depth)),
            2 => format!(
                "(map (s: s + {}) {})",
                self.element(Text, depth),
                self.element(Strings, depth)
            ),
            3 => format!(
                "({} ++ {})",
                self.expression(Strings, depth),
                self.expression(Strings, depth)
            ),
            _ => format!(
                "(builtins.filter builtins.isString (builtins.split \"a\" {}))",
                self.element(Text, depth)
            ),
        }
    }

    fn set(&mut self, depth: usize) -> String {
        let is = self.one_of(&TYPES);
        match self.below(12) {
            0 | 1 => {
                let name = self.name();
                let other = self.other_name(name);
                let (value, more) = (self.expression(is, depth), self.expression(Int, depth));
                format!("{{ {name} = {value}; {other}.inner.deep = {more}; {other}.side = 1; }}")
            }
            2 => format!(
                "{{ ${{{}}} = {}; }}",
                self.expression(Text, depth),
                self.expression(is, depth)
            ),
            3 => format!("({} // {})", self.expression(Set, depth), self.expression(Set, depth)),
            4 => format!("(builtins.mapAttrs (n: v: n) {})", self.element(Set, depth)),
            5 => format!(
                "(builtins.removeAttrs {} {})",
                self.element(Set, depth),
                self.element(Strings, depth)
            ),
            6 => format!(
                "(builtins.intersectAttrs {} {})",
                self.element(Set, depth),
                self.element(Set, depth)
            ),
            7 => format!(
                "(builtins.listToAttrs (map (name: {{ inherit name; value = {}; }}) {}))",
                self.expression(is, depth),
                self.element(Strings, depth)
            ),
            8 => format!("(builtins.partition (x: x > 1) {})", self.element(Ints, depth)),
            9 => format!("(builtins.groupBy toString {})", self.element(Ints, depth)),
            10 => {
                let name = self.name();
                let value = self.expression(is, depth);
                format!("(let {name} = {value}; in {{ inherit {name}; \"q r\" = 1; }})")
            }
            _ => {
                let name = self.name();
                let other = self.other_name(name);
                let value = self.expression(is, depth);
                let second = self.inside(name, is, Int, depth);
                format!("rec {{ {name} = {value}; {other} = {second}; }}")
            }
        }
    }

    fn pattern(&mut self, depth: usize) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(3) {
            let atom = match self.below(if depth == 0 { 6 } else { 10 }) {
                0 | 1 => "a".to_owned(),
                2 => "b".to_owned(),
                3 => ".".to_owned(),
                4 => "[ab]".to_owned(),
                5 => "[^a]".to_owned(),
                6 | 7 => format!("({})", self.pattern(depth - 1)),
                8 => format!("({}|{})", self.pattern(depth - 1), self.pattern(depth - 1)),
                _ => "[[:alpha:]-]".to_owned(),
            };
            // Repeats without end inside each other take real Nix a very long time.
            let bounded = atom.contains(['*', '+']) || atom.len() > 12;
            text.push_str(&atom);
            text.push_str(match self.below(8) {
                0..=2 => "",
                3 if !bounded => "*",
                4 if !bounded => "+",
                5 => "{1,2}",
                6 if !bounded => "{2}",
                _ => "?",
            });
        }
        text
    }
}
