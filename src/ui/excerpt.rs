//! Source excerpts as rustc prints them: the line, a caret, why.

use std::fs;
use std::path::Path;

use annotate_snippets::AnnotationKind;
use annotate_snippets::Level;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

use crate::nix::EvalError;
use crate::nix::Place;

/// Frames of an evaluation shown below the error itself.
const FRAMES: usize = 3;

/// Where an evaluation failed and how it came there. `None` when that lies in no file.
pub fn of_eval_error(error: &EvalError) -> Option<String> {
    let place = error.place.as_ref()?;
    let mut out = one(place, &error.message)?;
    for (role, place) in &error.related {
        out.push_str(&one(place, role).unwrap_or_default());
    }
    for frame in error.frames.iter().take(FRAMES) {
        let place = frame.place.as_ref();
        out.push_str(&place.and_then(|place| one(place, &frame.what)).unwrap_or_default());
    }
    Some(out)
}

/// One place with a label.
pub fn one(place: &Place, label: &str) -> Option<String> {
    let text = fs::read_to_string(&place.file).ok()?;
    let span = place.span.start.min(text.len())..place.span.end.min(text.len());
    if !text.is_char_boundary(span.start) || !text.is_char_boundary(span.end) {
        return None;
    }
    let path = shown(&place.file);
    let snippet = Snippet::source(text.as_str())
        .path(path)
        .annotation(AnnotationKind::Primary.span(span).label(label));
    let report = [Level::NOTE.no_name().primary_title("").element(snippet)];
    let rendered = Renderer::styled().render(&report);
    // The title line is ours to write, not the renderer's.
    let body = rendered.split_once('\n').map_or("", |(_, body)| body);
    Some(format!("{body}\n"))
}

fn shown(file: &Path) -> String {
    let cwd = std::env::current_dir().unwrap_or_default();
    let relative = file.strip_prefix(&cwd).unwrap_or(file);
    crate::text::escape::path(relative).into_owned()
}
