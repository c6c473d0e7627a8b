package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.ConflictReport.Conflict;
import java.util.ArrayList;
import java.util.List;

/**
 * The conflicts of all nodes.
 *
 * @param nodes what each node that answered keeps
 * @param unreached the others: what they keep is unknown
 */
record ConflictSearch(List<OfNode> nodes, List<Unreached> unreached) {
    ConflictSearch {
        nodes = List.copyOf(nodes);
        unreached = List.copyOf(unreached);
    }

    /** One node's answer; {@code json} as it came. */
    record OfNode(PeerAddress address, ConflictReport report, JsonNode json) {}

    /** A node that did not answer. */
    record Unreached(String node, String problem) {}

    /** One conflict, and where it is. */
    record Found(PeerAddress node, Conflict conflict, JsonNode json) {}

    /** Asks every member. */
    static ConflictSearch ofAll(NodeConnection connection) throws InterruptedException {
        var nodes = new ArrayList<OfNode>();
        var unreached = new ArrayList<Unreached>();
        for (var member : connection.members()) {
            try {
                var reply = connection.get(member, "/v1/conflicts", ConflictReport.class);
                nodes.add(new OfNode(member, reply.value(), reply.json()));
            } catch (CommandFailure e) {
                unreached.add(new Unreached(member.name(), String.valueOf(e.getMessage())));
            }
        }
        return new ConflictSearch(nodes, unreached);
    }

    List<Found> all() {
        var all = new ArrayList<Found>();
        for (var node : nodes) {
            var conflicts = node.report().conflicts();
            for (int i = 0; i < conflicts.size(); i++) {
                all.add(new Found(
                        node.address(),
                        conflicts.get(i),
                        node.json().path("conflicts").path(i)));
            }
        }
        return all;
    }

    /** The one of this id. */
    Found require(String id) {
        return all().stream()
                .filter(found -> found.conflict().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        unreached.isEmpty() ? ExitCode.NO_INPUT : ExitCode.UNAVAILABLE,
                        "no node that answers has a conflict " + id
                                + (unreached.isEmpty()
                                        ? ""
                                        : "; " + unreached.get(0).node() + " was not reached"),
                        "List them: lockstep conflicts"));
    }
}
