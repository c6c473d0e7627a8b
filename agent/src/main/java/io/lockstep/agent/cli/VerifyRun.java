package io.lockstep.agent.cli;

import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.StatusReport;
import io.lockstep.wire.VerifyReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;

/** Lets a node verify what its Gateway reads, and waits for the verdict. */
final class VerifyRun {
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(500);

    private final NodeConnection connection;
    private final Duration timeout;
    private final PrintWriter progress;
    private final Terminal terminal;
    private final InstantSource clock;
    private final Pause pause;

    /**
     * @param timeout how long one node may take
     * @param progress where the progress bar is drawn
     */
    VerifyRun(
            NodeConnection connection,
            Duration timeout,
            PrintWriter progress,
            Terminal terminal,
            InstantSource clock,
            Pause pause) {
        this.connection = connection;
        this.timeout = timeout;
        this.progress = progress;
        this.terminal = terminal;
        this.clock = clock;
        this.pause = pause;
    }

    /**
     * The verdict of {@code node}.
     *
     * @throws CommandFailure when no run can be started; one that was started always ends with a verdict
     */
    Verdict of(PeerAddress node) throws InterruptedException {
        var end = clock.instant().plus(timeout);
        var reply = connection.post(node, "/v1/verify", VerifyReport.class);
        var path = "/v1/verify/" + reply.value().id();
        try (var bar = new ProgressBar(
                progress,
                terminal,
                clock,
                "verifying " + node.name(),
                reply.value().expectedEntries())) {
            while (!reply.value().isOver()) {
                if (!clock.instant().isBefore(end) || pause.endsWithin(BETWEEN_QUESTIONS)) {
                    return Verdict.unfinished(
                            node.name(),
                            reply.value(),
                            reply.json(),
                            "not done within "
                                    + Quantity.seconds(timeout.toMillis() / 1000.0)
                                    + "; it goes on, and 'lockstep verify' joins it");
                }
                reply = connection.get(node, path, VerifyReport.class);
                bar.update(reply.value().entries());
            }
            var verdict = Verdict.of(node.name(), reply.value(), reply.json());
            return isOfReference(node, verdict)
                    ? verdict
                    : verdict.doubted("a newer generation was committed meanwhile; verify again");
        } catch (CommandFailure e) {
            // The run was lost with its agent, or replaced by a newer one: that is no verdict, and never a good one.
            return Verdict.unfinished(node.name(), reply.value(), reply.json(), String.valueOf(e.getMessage()));
        }
    }

    /** A verdict on a generation that is no longer the reference says nothing about what all nodes should serve now. */
    private boolean isOfReference(PeerAddress node, Verdict verdict) throws InterruptedException {
        if (verdict.result().isEmpty()) {
            return true;
        }
        var status = connection.get(node, "/v1/status", StatusReport.class).value();
        return status.generation().equals(verdict.result().map(DiffReport::reference));
    }
}
