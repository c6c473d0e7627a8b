package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.cli.Lockstep;
import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** One command of an operator, with the configuration of a node: its exit code and what it wrote. */
record OperatorRun(int exitCode, String out, String err) {
    static OperatorRun on(DemoNode node, String... words) {
        var arguments = new ArrayList<>(List.of(words));
        arguments.add("--config");
        arguments.add(node.configuration().toString());
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = Lockstep.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        return new OperatorRun(exitCode, out.toString(), err.toString());
    }

    /** What it wrote, of a run with {@code -f json}. */
    JsonNode json() throws IOException {
        assertThat(err).isEmpty();
        return Json.mapper().readTree(out);
    }
}
