package io.lockstep.agent.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lockstep.agent.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes answers in one format. JSON and YAML show domain values as the control port does. */
public final class Output {
    private static final String BETWEEN_COLUMNS = "  ";

    private final PrintWriter out;
    private final OutputFormat format;
    private final boolean hasColour;

    public Output(PrintWriter out, OutputFormat format, boolean hasColour) {
        this.out = out;
        this.format = format;
        this.hasColour = hasColour;
    }

    /** Writes {@code answer} and flushes. */
    public void write(Answer answer) {
        switch (format) {
            case PRETTY -> answer.blocks().forEach(this::writePretty);
            case TSV -> answer.blocks().forEach(this::writeTsv);
            case JSON -> out.println(text(new JsonMapper(), answer.model()));
            case YAML ->
                out.print(text(
                        new YAMLMapper()
                                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER),
                        answer.model()));
        }
        out.flush();
    }

    private static String text(ObjectMapper mapper, Object model) {
        try {
            return Json.configure(mapper)
                    .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(model);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer's model can't be written: " + e.getMessage(), e);
        }
    }

    private void writePretty(Answer.Block block) {
        if (block instanceof Answer.Block.Line line) {
            out.println(paint(visible(line.text()), line.style()));
        } else if (block instanceof Answer.Block.Table table) {
            writeAligned(table);
        }
    }

    private void writeAligned(Answer.Block.Table table) {
        var header = table.header().stream().map(Output::visible).toList();
        var rows = table.rows().stream()
                .map(row -> row.cells().stream().map(Output::visible).toList())
                .toList();
        var widths = new ArrayList<Integer>();
        for (int column = 0; column < header.size(); column++) {
            int at = column;
            int widest = rows.stream()
                    .mapToInt(row -> DisplayWidth.of(row.get(at)))
                    .max()
                    .orElse(0);
            widths.add(Math.max(widest, DisplayWidth.of(header.get(column))));
        }
        out.println(paint(aligned(header, widths), Answer.Style.STRONG));
        for (int i = 0; i < rows.size(); i++) {
            out.println(paint(aligned(rows.get(i), widths), table.rows().get(i).style()));
        }
    }

    private static String aligned(List<String> cells, List<Integer> widths) {
        var line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            line.append(i == 0 ? "" : BETWEEN_COLUMNS)
                    .append(cells.get(i))
                    .append(" ".repeat(widths.get(i) - DisplayWidth.of(cells.get(i))));
        }
        return line.toString().stripTrailing();
    }

    private String paint(String text, Answer.Style style) {
        return hasColour && !text.isEmpty() ? style.paint(text) : text;
    }

    private void writeTsv(Answer.Block block) {
        if (block instanceof Answer.Block.Table table) {
            writeTsvRow(table.header());
            table.rows().forEach(row -> writeTsvRow(row.cells()));
        }
    }

    private void writeTsvRow(List<String> cells) {
        // A program reads this, so a line ends the same on every system.
        out.print(String.join("\t", cells.stream().map(Output::escaped).toList()) + "\n");
    }

    private static String escaped(String cell) {
        return cell.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    /** A name from a tree may hold any character; those that steer a terminal are shown as {@code \}{@code uXXXX}. */
    private static String visible(String text) {
        if (text.codePoints().noneMatch(Character::isISOControl)) {
            return text;
        }
        var shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
