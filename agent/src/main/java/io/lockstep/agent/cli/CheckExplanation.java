package io.lockstep.agent.cli;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.DurationText;
import io.lockstep.agent.config.TreeConfiguration;
import java.util.List;

/** Says in words what an agent with a configuration would do. */
final class CheckExplanation {
    private CheckExplanation() {}

    /** Adds the explanation to {@code answer}. */
    static void explain(AgentConfiguration configuration, Answer.Builder answer) {
        var cluster = configuration.cluster();
        var node = configuration.node();
        answer.line("Node " + node.name() + " of cluster " + cluster.id(), Answer.Style.STRONG);
        answer.line(
                configuration.isManager()
                        ? "  It is the manager: it commits generations, and its Gateway may write while the share is"
                                + " away."
                        : "  It is a worker: it follows manager " + cluster.manager() + ".");
        answer.line("  Its state is kept in " + node.state() + ".");
        answer.line("");
        answer.table(
                List.of("MEMBER", "CONTROL PORT", "ROLE"),
                cluster.members().stream()
                        .map(member -> Answer.Row.of(
                                member.name() + (member.name().equals(node.name()) ? " (this node)" : ""),
                                member.control().toString(),
                                member.name().equals(cluster.manager()) ? "manager" : "worker"))
                        .toList());
        answer.line("");
        answer.table(
                List.of("PORT", "LISTENS ON", "FOR"),
                List.of(
                        Answer.Row.of(
                                "ops",
                                configuration.ops().host() + ":"
                                        + configuration.ops().port(),
                                "load balancers and Prometheus, plain HTTP"),
                        Answer.Row.of(
                                "control",
                                configuration.control().host() + ":"
                                        + configuration.control().port(),
                                "peers and operators, mutual TLS")));
        for (var tree : configuration.trees()) {
            answer.line("");
            explain(tree, answer);
        }
        answer.line("");
        explainTiming(configuration, answer);
    }

    private static void explain(TreeConfiguration tree, Answer.Builder answer) {
        answer.line("Tree " + tree.name(), Answer.Style.STRONG);
        if (tree.share().isRemote()) {
            answer.line("  The Gateway reads " + tree.live() + ", a link that the agent points");
            answer.line("    to the replica  " + tree.replica() + ".");
            answer.line("  The share " + tree.share() + " is not mounted: the agents read and write it.");
        } else {
            answer.line("  The Gateway reads " + tree.live() + ", a link that the agent points");
            answer.line("    to the share    " + tree.share());
            answer.line("    or the replica  " + tree.replica() + ".");
        }
        answer.line("  Staging, trash and conflicts lie in " + tree.work() + ".");
        answer.line("  It takes " + (tree.include().isEmpty() ? "every entry" : String.join(" ", tree.include()))
                + ", leaves out " + patterns(tree.filter().exclude()) + ", and reports " + patterns(tree.report())
                + ".");
    }

    private static String patterns(List<String> patterns) {
        return patterns.isEmpty() ? "nothing" : String.join(" ", patterns);
    }

    private static void explainTiming(AgentConfiguration configuration, Answer.Builder answer) {
        var scan = configuration.scan();
        var timing = configuration.timing();
        var guard = configuration.guard();
        answer.line("It scans the share every " + DurationText.format(scan.interval()) + " and the replica every "
                + DurationText.format(scan.replicaInterval()) + " with " + scan.threads() + " threads.");
        answer.line("The share is lost after " + DurationText.format(timing.lossTimeout()) + " and back after "
                + DurationText.format(timing.returnAfter()) + ".");
        answer.line("The node is not ready when it is " + DurationText.format(timing.readyLag())
                + " behind, and stale when its evidence is " + DurationText.format(timing.staleAfter()) + " old.");
        answer.line("More deletions in a tree than the larger of " + guard.deletions() + " and "
                + Math.round(guard.deletionShare() * 100) + " % of its files wait for an approval.");
    }
}
