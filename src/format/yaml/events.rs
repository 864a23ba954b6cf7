//! The event stream of a YAML text. The only file that names the event parser; it hands on spans,
//! styles, tags and anchors and refuses to interpret them.

use std::ops::Range;

use granit_parser::{Event as Raw, Parser, ScalarStyle, Span, StructureStyle, options};

use crate::format::error::{FormatError, syntax};
use crate::format::{Format, MAX_DEPTH};

/// Tag and anchor in front of a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Props {
    /// The name without `&`, and where the whole token stands.
    pub(super) anchor: Option<(String, Range<usize>)>,
    /// The resolved tag, and where the token stands.
    pub(super) tag: Option<(String, Range<usize>)>,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Double,
    Folded,
    Literal,
    Plain,
    Single,
}

/// One event; `span` is the node's own text, without properties.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Alias { span: Range<usize> },
    DocumentEnd,
    DocumentStart { at: usize, explicit: bool },
    End { at: usize },
    Map { flow: bool, at: usize, props: Props },
    Scalar { span: Range<usize>, style: Style, value: String, props: Props },
    Seq { flow: bool, at: usize, props: Props },
}

/// Reads all events of `text`, which must not begin with a byte order mark.
///
/// # Errors
/// `Syntax` where the text does not parse; the parser bounds nesting itself.
pub(super) fn read(text: &str) -> Result<Vec<Event>, FormatError> {
    let options = options! {
        emit_anchor_events: true,
        emit_comments: false,
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
        simple_key_max_lookahead: 4096,
    };
    let mut events: Vec<Event> = Vec::new();
    for next in Parser::new_from_str_with_options(text, options) {
        let (raw, span) = next.map_err(|error| {
            let offset = error.marker().byte_offset().unwrap_or(0);
            syntax(Format::Yaml, text.as_bytes(), offset, error.info().to_string())
        })?;
        let range = range_of(text, &span)?;
        let tag = raw.tag().map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
        let tag = match (tag, span.tag_span()) {
            (Some(tag), Some(token)) => Some((tag, range_of(text, &token)?)),
            _ => None,
        };
        let props = Props { anchor: None, tag };
        events.push(match raw {
            Raw::Alias(_) => Event::Alias { span: range },
            Raw::Anchor(_, name) => {
                if let Some(
                    Event::Map { props, .. }
                    | Event::Scalar { props, .. }
                    | Event::Seq { props, .. },
                ) = events.last_mut()
                {
                    props.anchor = Some((name.into_owned(), range));
                }
                continue;
            }
            Raw::DocumentEnd => Event::DocumentEnd,
            Raw::DocumentStart(explicit, _) => Event::DocumentStart { at: range.start, explicit },
            Raw::MappingEnd | Raw::SequenceEnd => Event::End { at: range.end },
            Raw::MappingStart(style, ..) => {
                Event::Map { flow: style == StructureStyle::Flow, at: range.start, props }
            }
            Raw::Scalar(value, style, ..) => Event::Scalar {
                style: match style {
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Folded => Style::Folded,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::SingleQuoted => Style::Single,
                    _ => Style::Plain,
                },
                // The parser spells a missing scalar `~`; the text has nothing there.
                value: if range.is_empty() && style == ScalarStyle::Plain {
                    String::new()
                } else {
                    value.into_owned()
                },
                span: range,
                props,
            },
            Raw::SequenceStart(style, ..) => {
                Event::Seq { flow: style == StructureStyle::Flow, at: range.start, props }
            }
            _ => continue,
        });
    }
    Ok(events)
}

fn range_of(text: &str, span: &Span) -> Result<Range<usize>, FormatError> {
    span.byte_range()
        .filter(|range| text.get(range.clone()).is_some())
        .ok_or_else(|| syntax(Format::Yaml, text.as_bytes(), 0, "the parser gave no place"))
}
