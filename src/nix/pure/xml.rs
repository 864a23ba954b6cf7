//! The document that `builtins.toXML` and `--eval --xml` write: header, two spaces of indent a
//! level, attributes in the order of their names. Knows the layout, not the values.

/// Writes one document. Elements are opened and closed by the caller, who keeps them balanced.
#[derive(Debug)]
pub struct XmlWriter {
    text: String,
    open: Vec<&'static str>,
}

impl Default for XmlWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl XmlWriter {
    /// A document with its header and an open `expr`.
    pub fn new() -> Self {
        let mut this =
            Self { text: "<?xml version='1.0' encoding='utf-8'?>\n".to_owned(), open: Vec::new() };
        this.open("expr", &[]);
        this
    }

    /// `<name …>` on a line of its own; what follows is indented until [`Self::close`].
    pub fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// The end of the last element that is open.
    pub fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push_str(">\n");
        }
    }

    /// `<name … />` on a line of its own.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(" />\n");
    }

    /// Bytes written so far.
    pub fn written(&self) -> usize {
        self.text.len()
    }

    /// The document, with everything closed.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        let mut attributes: Vec<_> = attributes.to_vec();
        attributes.sort_unstable();
        for (key, value) in attributes {
            self.text.push(' ');
            self.text.push_str(key);
            self.text.push_str("=\"");
            escape(&mut self.text, value);
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.open.len()));
    }
}

/// Escapes an attribute value; tabs and other control characters pass as they are, as in Nix.
fn escape(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '"' => text.push_str("&quot;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '\n' => text.push_str("&#xA;"),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_laid_out() {
        let mut xml = XmlWriter::new();
        xml.open("attrs", &[]);
        xml.open("attr", &[("name", "a b<")]);
        xml.empty("string", &[("value", "a<b>&\"\n\t'é")]);
        xml.close();
        xml.open("attr", &[("name", "f"), ("line", "1")]);
        xml.open("function", &[]);
        xml.open("attrspat", &[("name", "z"), ("ellipsis", "1")]);
        xml.empty("attr", &[("name", "x")]);
        let expected = "<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <attrs>\n    \
            <attr name=\"a b&lt;\">\n      \
            <string value=\"a&lt;b&gt;&amp;&quot;&#xA;\t'é\" />\n    </attr>\n    \
            <attr line=\"1\" name=\"f\">\n      <function>\n        \
            <attrspat ellipsis=\"1\" name=\"z\">\n          <attr name=\"x\" />\n        \
            </attrspat>\n      </function>\n    </attr>\n  </attrs>\n</expr>\n";
        assert_eq!(xml.finish(), expected);
    }
}
