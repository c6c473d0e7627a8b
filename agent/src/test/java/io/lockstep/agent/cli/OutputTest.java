package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputTest {
    private static final Answer ANSWER = new Answer.Builder()
            .line("Nodes", Answer.Style.STRONG)
            .table(
                    List.of("NAME", "STATE"),
                    List.of(Answer.Row.of("日本", "ok"), new Answer.Row(List.of("a\tb\n\\", "bad"), Answer.Style.BAD)))
            .build(Map.of("nodes", List.of("a"), "at", Instant.EPOCH));

    private static String write(OutputFormat format, boolean hasColour) {
        var out = new StringWriter();
        new Output(new PrintWriter(out), format, hasColour).write(ANSWER);
        return out.toString();
    }

    @Test
    void prettyAlignsByDisplayWidthAndShowsControlCharacters() {
        assertThat(write(OutputFormat.PRETTY, false)).isEqualTo("""
                        Nodes
                        NAME             STATE
                        日本             ok
                        a\\u0009b\\u000a\\  bad
                        """);
    }

    @Test
    void prettyPaintsWhereColoursAre() {
        assertThat(write(OutputFormat.PRETTY, true)).contains("\u001b[1mNodes\u001b[0m", "\u001b[31ma\\u0009b");
    }

    @Test
    void tsvEscapesWhatWouldBreakALine() {
        assertThat(write(OutputFormat.TSV, true)).isEqualTo("NAME\tSTATE\n日本\tok\na\\tb\\n\\\\\tbad\n");
    }

    @Test
    void jsonAndYamlShowTheModel() {
        assertThat(write(OutputFormat.JSON, true)).contains("\"nodes\" : [ \"a\" ]", "\"1970-01-01T00:00:00Z\"");
        assertThat(write(OutputFormat.YAML, true)).contains("nodes:\n- a\n");
    }

    @Test
    void marksTakeNoColumn() {
        assertThat(DisplayWidth.of("e\u0301")).isEqualTo(1);
        assertThat(DisplayWidth.of("ｗ🙂")).isEqualTo(4);
    }
}
