//! Tables in Markdown (GitHub Flavored Markdown, "Tables"): a heading, a line of dashes, rows.

/// One table, its cells without markup.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// Of the heading, from 1.
    pub line: usize,
    pub heading: Vec<String>,
    /// Each with its line.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// Every table of a text. What stands in a code fence is no table.
pub fn tables(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut fenced = false;
    let mut before: Option<(usize, &str)> = None;
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            fenced = !fenced;
            (open, before) = (false, None);
            continue;
        }
        if fenced || !line.contains('|') {
            (open, before) = (false, None);
            continue;
        }
        if open {
            if let Some(table) = tables.last_mut() {
                let mut cells = cells(line);
                cells.resize(table.heading.len(), String::new());
                table.rows.push((index + 1, cells));
            }
        } else if let Some((number, heading)) = before.filter(|_| is_delimiter(line)) {
            tables.push(Table { line: number, heading: cells(heading), rows: Vec::new() });
            open = true;
        }
        before = Some((index + 1, line));
    }
    tables
}

fn is_delimiter(line: &str) -> bool {
    let cells = line.trim().trim_matches('|').split('|').map(str::trim);
    cells.clone().all(|cell| cell.contains('-') && cell.bytes().all(|byte| matches!(byte, b'-' | b':')))
}

/// Cells between bars; a bar behind a backslash is text.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek(), cells.last_mut()) {
            ('\\', Some('|'), Some(cell)) => {
                cell.push('|');
                letters.next();
            }
            ('|', _, _) => cells.push(String::new()),
            (letter, _, Some(cell)) => cell.push(letter),
            _ => {}
        }
    }
    if line.ends_with('|') && !line.ends_with("\\|") {
        cells.pop();
    }
    cells.into_iter().map(|cell| bare(cell.trim())).collect()
}

/// Without backticks, stars and the targets of links.
fn bare(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell;
    while let Some(at) = rest.find("](") {
        text.push_str(&rest[..at]);
        rest = rest[at..].split_once(')').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text.replace(['`', '*', '['], "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::tables;

    #[test]
    fn a_table_is_read_and_what_looks_like_one_is_not() {
        let text = "a | b\nno table\n\n| Vendor | `Live` |\n| --- | :-: |\n| **GA** | [ok](x) \\| y |\n| Zoho |\n\n```\n| x | y |\n|---|---|\n```\n";
        let found = tables(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].heading.join(",")), (4, "Vendor,Live".to_owned()));
        assert_eq!(found[0].rows[0], (6, vec!["GA".to_owned(), "ok | y".to_owned()]));
        assert_eq!(found[0].rows[1].1, ["Zoho", ""]);
    }
}
