//! Source excerpts as rustc prints them: the line, a caret, why.

use std::fs;
use std::path::Path;

use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

use crate::nix::EvalError;
use crate::nix::Place;

/// Frames of an evaluation shown below the error itself.
const FRAMES: usize = 3;

/// Where an evaluation failed and how it came there. `typed` is the text of an expression that was
/// evaluated instead of a file. `None` when all that lies in no text we have.
pub fn of_eval_error(error: &EvalError, typed: Option<&str>) -> Option<String> {
    let place = error.place.as_ref()?;
    let mut out = one(place, "", typed)?;
    for (role, place) in &error.related {
        out.push_str(&one(place, role, typed).unwrap_or_default());
    }
    for frame in error.frames.iter().take(FRAMES) {
        let place = frame.place.as_ref();
        out.push_str(&place.and_then(|place| one(place, &frame.what, typed)).unwrap_or_default());
    }
    Some(out)
}

/// One place with a label.
fn one(place: &Place, label: &str, typed: Option<&str>) -> Option<String> {
    let is_typed = place.file.file_name().is_some_and(|name| name == "«string»");
    let text = match typed {
        Some(text) if is_typed => text.to_owned(),
        _ => fs::read_to_string(&place.file).ok()?,
    };
    let span = place.span.start.min(text.len())..place.span.end.min(text.len());
    if !text.is_char_boundary(span.start) || !text.is_char_boundary(span.end) {
        return None;
    }
    let path = if is_typed { "«string»".to_owned() } else { shown(&place.file) };
    let snippet = Snippet::source(text.as_str())
        .path(path)
        .annotation(AnnotationKind::Primary.span(span).label(label));
    let rendered = Renderer::styled().render(&[Group::with_level(Level::NOTE).element(snippet)]);
    Some(format!("{}\n", rendered.trim_end()))
}

fn shown(file: &Path) -> String {
    let cwd = std::env::current_dir().unwrap_or_default();
    let relative = file.strip_prefix(&cwd).unwrap_or(file);
    crate::text::escape::path(relative).into_owned()
}
