package io.lockstep.agent.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * What a command has to say, once for programs and once for people.
 *
 * @param model what JSON and YAML show: records, maps, lists and plain values
 * @param blocks what pretty shows, in this order; TSV shows the tables of them
 */
public record Answer(Object model, List<Block> blocks) {
    public Answer {
        blocks = List.copyOf(blocks);
    }

    /** A part of an answer for people. */
    public sealed interface Block {
        /** A line of its own; may be empty. */
        record Line(String text, Style style) implements Block {}

        /** Rows under a header. Every row has as many cells as {@code header}. */
        record Table(List<String> header, List<Row> rows) implements Block {
            public Table {
                header = List.copyOf(header);
                rows = List.copyOf(rows);
                for (var row : rows) {
                    if (row.cells().size() != header.size()) {
                        throw new IllegalArgumentException(
                                "a row has " + row.cells().size() + " cells under a header of " + header.size());
                    }
                }
            }
        }
    }

    /** One row of a table. */
    public record Row(List<String> cells, Style style) {
        public Row {
            cells = List.copyOf(cells);
        }

        /** A row without emphasis. */
        public static Row of(String... cells) {
            return new Row(List.of(cells), Style.PLAIN);
        }
    }

    /** Emphasis, shown only where colours are; the text must say the same without it. */
    public enum Style {
        PLAIN(""),
        STRONG("\u001b[1m"),
        GOOD("\u001b[32m"),
        WARNING("\u001b[33m"),
        BAD("\u001b[31m");

        private final String on;

        Style(String on) {
            this.on = on;
        }

        String paint(String text) {
            return on.isEmpty() ? text : on + text + "\u001b[0m";
        }
    }

    /** Collects the blocks of an answer. */
    public static final class Builder {
        private final List<Block> blocks = new ArrayList<>();

        public Builder line(String text) {
            return line(text, Style.PLAIN);
        }

        public Builder line(String text, Style style) {
            blocks.add(new Block.Line(text, style));
            return this;
        }

        public Builder table(List<String> header, List<Row> rows) {
            blocks.add(new Block.Table(header, rows));
            return this;
        }

        public Answer build(Object model) {
            return new Answer(model, blocks);
        }
    }
}
