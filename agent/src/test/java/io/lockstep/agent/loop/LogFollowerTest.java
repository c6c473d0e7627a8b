package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.LogRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker and what its manager says of its log. */
class LogFollowerTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeName MANAGER = new NodeName("gw1");

    @TempDir
    private Path directory;

    private FileDecisionLog log;
    private LogFollower follower;
    private final List<LogEntry> managers = new ArrayList<>();
    private final List<Manifest> kept = new ArrayList<>();
    private final MemoryState state = new MemoryState();

    @BeforeEach
    void openTheWorkersLog() throws IOException {
        log = FileDecisionLog.open(directory.resolve("decisions.log"));
        follower = new LogFollower(new FakePeers(), MANAGER, new Ledger(log, state), Runnable::run, () -> {});
    }

    @AfterEach
    void closeIt() throws IOException {
        log.close();
    }

    /** The manager, whose log is the test's list. */
    private final class FakePeers implements Peers {
        @Override
        public LogPage log(NodeName member, long after) {
            return new LogPage(managers.stream()
                    .filter(entry -> entry.index() > after)
                    .map(LogRecord::of)
                    .toList());
        }

        @Override
        public Exchange exchange(NodeName member, Exchange mine) {
            throw new IllegalStateException("a follower exchanges nothing");
        }

        @Override
        public Manifest manifest(NodeName member, Digest root, Manifest nearest) {
            return kept.stream()
                    .filter(manifest -> manifest.root().equals(root))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public Staging pull(PullTask task) {
            throw new IllegalStateException("a follower pulls nothing");
        }

        @Override
        public void forgetPulls() {
            throw new IllegalStateException("a follower has pulled nothing");
        }
    }

    private static LogEntry mode(long index, Mode mode) {
        return new LogEntry.ModeChange(index, 1, START, mode, Reason.OPERATOR, MANAGER, Optional.empty());
    }

    private static LogEntry share(long index, String shareId) {
        return new LogEntry.ShareRegistered(index, 1, START, "server", shareId);
    }

    private boolean turn(long managersIndex, int heardAt, int now) throws IOException {
        var view = new MemberView(
                MANAGER,
                Role.MANAGER,
                Mode.SHARED,
                1,
                managersIndex,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Serving.MOUNT,
                MountEvidence.State.PROVEN,
                Reason.OK,
                Optional.empty(),
                Reason.OK,
                DriftSummary.NONE,
                0,
                0,
                0,
                "test");
        var manager =
                new PeerState(MANAGER, Optional.of(view), Optional.of(START.plusSeconds(heardAt)), Optional.empty());
        return follower.turn(Optional.of(manager), List.of(), START.plusSeconds(now));
    }

    @Test
    void aRegisteredShareArrivesWithTheLog() throws Exception {
        managers.add(mode(1, Mode.SHARED));
        managers.add(share(2, "4711"));
        turn(2, 0, 0);
        assertThat(turn(2, 0, 1)).isTrue();
        assertThat(log.state().shares()).containsEntry("server", "4711");
        managers.add(share(3, "4712"));
        turn(3, 2, 2);
        turn(3, 2, 3);
        assertThat(log.state().shares()).containsEntry("server", "4712");
        assertThat(follower.hasDiverged()).isFalse();
    }

    @Test
    void aMessageThatIsOlderThanTheLogIsNoDivergence() throws Exception {
        managers.add(mode(1, Mode.SHARED));
        managers.add(share(2, "4711"));
        // The manager wrote the second entry after it had said that it has one.
        turn(1, 0, 0);
        turn(1, 0, 1);
        assertThat(log.state().index()).isEqualTo(2);
        turn(1, 2, 2);
        assertThat(follower.hasDiverged()).isFalse();
        assertThat(follower.problem()).isEmpty();
    }

    @Test
    void aManagerThatHasLessThanItsWorkerHasAnotherLog() throws Exception {
        log.append(List.of(mode(1, Mode.SHARED), share(2, "4711")));
        turn(1, 60, 60);
        assertThat(follower.hasDiverged()).isTrue();
        assertThat(follower.problem().orElseThrow()).contains("ends at 1", "this node's at 2");
        turn(2, 61, 61);
        assertThat(follower.hasDiverged()).as("its log was put back").isFalse();
        assertThat(follower.problem()).isEmpty();
    }

    @Test
    void entriesThatDoNotFollowAreAnotherLog() throws Exception {
        log.append(
                List.of(new LogEntry.ModeChange(1, 5, START, Mode.SHARED, Reason.OPERATOR, MANAGER, Optional.empty())));
        managers.add(mode(1, Mode.SHARED));
        managers.add(share(2, "4711"));
        turn(2, 0, 0);
        turn(2, 0, 1);
        assertThat(follower.hasDiverged()).isTrue();
        assertThat(log.state().shares()).isEmpty();
    }

    private Generation generation(long seq, Manifest manifest, Optional<Digest> parent) {
        kept.add(manifest);
        return new Generation(new GenerationId(1, seq), manifest.root(), parent, manifest.root());
    }

    @Test
    void theBaseOfAMergeToComeIsFetchedTooByANodeThatWasAway() throws Exception {
        var atLoss = Manifest.ofUnsorted(List.of(ManifestEntry.directory(EntryPath.of("server"), 0755)));
        var since = Manifest.ofUnsorted(List.of(
                ManifestEntry.directory(EntryPath.of("server"), 0755),
                ManifestEntry.directory(EntryPath.of("server/api"), 0755)));
        var first = generation(1, atLoss, Optional.empty());
        var second = generation(2, since, Optional.of(atLoss.root()));
        managers.add(mode(1, Mode.SHARED));
        managers.add(new LogEntry.Commit(2, 1, START, first));
        managers.add(
                new LogEntry.ModeChange(3, 1, START, Mode.RSYNC, Reason.SHARE_LOST, MANAGER, Optional.of(first.id())));
        managers.add(new LogEntry.Commit(4, 1, START, second));

        turn(4, 0, 0);
        turn(4, 0, 1);
        turn(4, 0, 2);
        turn(4, 0, 3);

        assertThat(state.manifest(since.root())).contains(since);
        assertThat(state.manifest(atLoss.root())).contains(atLoss);
    }
}
