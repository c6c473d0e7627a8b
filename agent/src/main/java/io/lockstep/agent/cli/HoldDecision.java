package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** An operator's word on one plan that waits, which the manager is told. */
final class HoldDecision {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "ID", description = "The plan's id: 12 hexadecimal digits, as 'holds' shows it.")
    private String id = "";

    /** What people and programs are told when the manager has taken it. */
    interface Telling {
        /** {@code holds} is what waits from then on. */
        Answer answer(String id, String manager, JsonNode holds);
    }

    /**
     * Tells the manager.
     *
     * @param verb the last part of the path that takes it
     */
    int tell(String verb, Telling telling) throws IOException, InterruptedException {
        ShortId.require(spec, id);
        try (var connection = node.connect()) {
            var manager = connection.manager();
            var reply = connection.post(manager, "/v1/holds/" + id + "/" + verb, JsonNode.class);
            output.write(telling.answer(id, manager.name(), reply.json()));
        }
        return ExitCode.GOOD.number();
    }
}
