//! Cuts Markdown, and text that is written like it, into blocks; fenced code and HTML are nobody's claim.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use crate::domain::claim::block::{Block, Kind, Link, Prose};
use crate::domain::claim::segment::segments;

/// Gives each block of a text, in its order, to `take`.
///
/// An indented block is text that somebody indented: documents that are no Markdown have many.
///
/// A long text is read in segments; a link that refers to a definition in another one is not known as a link.
pub fn blocks(text: &str, take: &mut dyn FnMut(Block)) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    for segment in segments(text) {
        // Only what stands first is front matter; anywhere else it is a rule.
        let front = if segment.start == 0 { Options::ENABLE_YAML_STYLE_METADATA_BLOCKS } else { Options::empty() };
        let mut cutter = Cutter::new(take, segment.start);
        for (event, range) in Parser::new_ext(segment.text, options | front).into_offset_iter() {
            cutter.event(segment.text, event, range);
        }
        cutter.flush();
        if segment.torn {
            take(Block { kind: Kind::Tear, prose: Prose::default() });
        }
    }
}

struct Cutter<'c> {
    /// Where the segment begins.
    base: usize,
    take: &'c mut dyn FnMut(Block),
    kind: Option<Kind>,
    prose: Prose,
    depth: u8,
    /// In how many blocks that say nothing.
    silent: u32,
    head: bool,
    links: Vec<(usize, String)>,
    fields: bool,
}

impl<'c> Cutter<'c> {
    fn new(take: &'c mut dyn FnMut(Block), base: usize) -> Self {
        Self {
            base,
            take,
            kind: None,
            prose: Prose::default(),
            depth: 0,
            silent: 0,
            head: false,
            links: Vec::new(),
            fields: false,
        }
    }

    fn flush(&mut self) {
        let (kind, prose) = (self.kind.take().unwrap_or(Kind::Paragraph), std::mem::take(&mut self.prose));
        if prose.text.trim().is_empty() {
            return;
        }
        let mut first = Some(kind);
        for prose in prose.pieces() {
            // Of a very long block only the beginning says what it is.
            (self.take)(Block { kind: first.take().unwrap_or(Kind::Paragraph), prose });
        }
    }

    fn event(&mut self, text: &str, event: Event, range: Range<usize>) {
        let base = self.base;
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            _ if self.silent > 0 => {}
            Event::Text(said) if self.fields => self.field_lines(&said, base + range.start),
            Event::Text(said) => {
                self.prose.push(&said, base + range.start);
            }
            Event::Code(said) => {
                // The marks are of equal length on both sides; what is padded by spaces is shown without them.
                let offset = text.get(range.clone()).and_then(|whole| whole.find(said.as_ref())).unwrap_or(1);
                let code = self.prose.push(&said, base + range.start + offset);
                self.prose.codes.push(code);
            }
            Event::SoftBreak | Event::HardBreak => {
                self.prose.push("\n", base + range.start);
            }
            Event::TaskListMarker(checked) => {
                if let Some(Kind::Item { checked: mark, .. }) = &mut self.kind {
                    *mark = Some(checked);
                }
            }
            _ => {}
        }
    }

    fn field_lines(&mut self, said: &str, start: usize) {
        let mut at = start;
        for line in said.split_inclusive('\n') {
            self.kind = Some(Kind::Field);
            self.prose.push(line.trim_end(), at);
            self.flush();
            at += line.len();
        }
    }

    fn start(&mut self, tag: Tag, range: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => self.open(Kind::Heading(number(level))),
            Tag::Paragraph if self.kind.is_none() => self.open(Kind::Paragraph),
            Tag::CodeBlock(CodeBlockKind::Indented) => self.open(Kind::Paragraph),
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) | Tag::HtmlBlock => {
                self.flush();
                self.silent += 1;
            }
            Tag::MetadataBlock(kind) => self.fields = kind == MetadataBlockKind::YamlStyle,
            Tag::List(_) => {
                self.flush();
                self.depth = self.depth.saturating_add(1);
            }
            Tag::Item => self.open(Kind::Item { depth: self.depth, checked: None }),
            Tag::TableHead => {
                self.open(Kind::Row { head: true });
                self.head = true;
            }
            Tag::TableRow => self.open(Kind::Row { head: false }),
            Tag::TableCell => {
                if !self.prose.cells.is_empty() {
                    self.prose.push(" | ", self.base + range.start);
                }
                let start = self.prose.text.len();
                self.prose.cells.push(start..start);
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((self.prose.text.len(), dest_url.into_string()));
            }
            _ => {}
        }
    }

    fn open(&mut self, kind: Kind) {
        self.flush();
        self.kind = Some(kind);
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::CodeBlock | TagEnd::HtmlBlock if self.silent > 0 => self.silent -= 1,
            TagEnd::MetadataBlock(_) => self.fields = false,
            TagEnd::List(_) => {
                self.flush();
                self.depth = self.depth.saturating_sub(1);
            }
            TagEnd::Heading(_)
            | TagEnd::Paragraph
            | TagEnd::Item
            | TagEnd::CodeBlock
            | TagEnd::TableHead
            | TagEnd::TableRow => {
                self.flush();
            }
            TagEnd::TableCell => {
                let end = self.prose.text.len();
                if let Some(cell) = self.prose.cells.last_mut() {
                    cell.end = end;
                }
            }
            TagEnd::Link | TagEnd::Image => {
                if let Some((start, target)) = self.links.pop() {
                    if self.prose.text.len() == start {
                        // A link without text still stands somewhere.
                        self.prose.push(" ", self.base + range.start);
                    }
                    self.prose.links.push(Link { range: start..self.prose.text.len(), target });
                }
            }
            _ => {}
        }
    }
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

#[cfg(test)]
mod tests {
    use super::blocks;
    use crate::domain::claim::block::{Block, Kind};

    fn all(text: &str) -> Vec<Block> {
        let mut found = Vec::new();
        blocks(text, &mut |block| found.push(block));
        found
    }

    #[test]
    fn a_text_is_cut_into_what_a_reader_sees() {
        let text = "---\nowner: x\nexpires: 2025-10-10\n---\n# A **b**\n\nOne `two/x.md`\nthree [four](five.md)\n\n\
                    - [x] six\n  - seven\n\n    eight\n\n| a | b |\n|---|---|\n| c | ✅ |\n\n```\nnine\n```\n<!-- ten -->\n    eleven\n";
        let shown: Vec<(Kind, String)> = all(text).into_iter().map(|block| (block.kind, block.prose.text)).collect();
        let item = |depth, checked| Kind::Item { depth, checked };
        let expected = [
            (Kind::Field, "owner: x"),
            (Kind::Field, "expires: 2025-10-10"),
            (Kind::Heading(1), "A b"),
            (Kind::Paragraph, "One two/x.md\nthree four"),
            (item(1, Some(true)), "six"),
            (item(2, None), "seven"),
            (Kind::Paragraph, "eight"),
            (Kind::Row { head: true }, "a | b"),
            (Kind::Row { head: false }, "c | ✅"),
            (Kind::Paragraph, "eleven\n"),
        ];
        assert_eq!(shown, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn ranges_lead_back_to_the_source() {
        let text = "# H\n\nA **b** ``x/y.md`` [z](q.md) end\n";
        let block = all(text).remove(1);
        let code = block.prose.codes[0].clone();
        assert_eq!(&block.prose.text[code.clone()], "x/y.md");
        assert_eq!(&text[block.prose.source(code.start)..][..6], "x/y.md");
        let link = &block.prose.links[0];
        assert_eq!((&block.prose.text[link.range.clone()], link.target.as_str()), ("z", "q.md"));
        let end = block.prose.text.find("end").unwrap();
        assert_eq!(&text[block.prose.source(end)..][..3], "end");
        let table = all("| a | b |\n|---|---|\n| c | d e |\n").remove(1);
        let cells: Vec<_> = table.prose.cells.iter().map(|cell| &table.prose.text[cell.clone()]).collect();
        assert_eq!(cells, ["c", "d e"]);
    }

    #[test]
    fn a_loose_item_is_an_item_and_what_follows_in_it_a_paragraph() {
        let kinds: Vec<Kind> = all("- one\n\n  two\n\n- three\n").into_iter().map(|block| block.kind).collect();
        let item = Kind::Item { depth: 1, checked: None };
        assert_eq!(kinds, [item.clone(), Kind::Paragraph, item]);
    }
}
