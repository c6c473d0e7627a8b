package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.health.StoreState;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Probe;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The steps of a sync, each done at once by fakes: what is asked of whom, and what is told. */
class ReplicaSyncTest {
    private static final NodeName GW1 = new NodeName("gw1");
    private static final NodeName GW2 = new NodeName("gw2");
    private static final Digest RIGHT = digest("right");
    private static final ManifestEntry FILE = ManifestEntry.file(EntryPath.of("server/x.car"), 0644, 5, 0, RIGHT);
    private static final Manifest HELD =
            Manifest.ofUnsorted(List.of(ManifestEntry.directory(EntryPath.of("server"), 0755)));
    private static final Manifest REFERENCE =
            Manifest.ofUnsorted(List.of(FILE, ManifestEntry.directory(EntryPath.of("server"), 0755)));
    private static final Generation GENERATION =
            new Generation(new GenerationId(1, 1), REFERENCE.root(), Optional.empty(), RIGHT);

    private final Deque<Staging> pulls = new ArrayDeque<>();
    private final List<List<NodeName>> asked = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final List<NodeName> rejected = new ArrayList<>();
    private final ReplicaSync sync = new ReplicaSync(
            new FakeReplica(),
            new NoShare(),
            new FakePeers(),
            new LoopListener() {
                @Override
                public void rejected(NodeName peer) {
                    rejected.add(peer);
                }
            },
            Runnable::run,
            Runnable::run,
            Runnable::run,
            () -> {});
    private Instant now = Instant.EPOCH;

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private final class FakeReplica implements Replica {
        @Override
        public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
            throw new AssertionError("a sync does not scan");
        }

        @Override
        public List<ManifestEntry> notStaged(List<ManifestEntry> files, Manifest held) {
            return files;
        }

        @Override
        public Change apply(Generation generation, Manifest reference, View seen, List<Manifest> known) {
            done.add("applied");
            return new Change(1, 0, 0, Optional.empty());
        }

        @Override
        public void recover(Generation reference, List<Manifest> known) {
            throw new AssertionError("a sync does not recover");
        }

        @Override
        public void clearStage() {
            done.add("stage cleared");
        }

        @Override
        public StoreState store() {
            return StoreState.EMPTY;
        }

        @Override
        public int conflicts() {
            return 0;
        }
    }

    private static final class NoShare implements Share {
        @Override
        public Probe probe(Beacon beacon, List<NodeName> peers) {
            throw new AssertionError("a sync does not probe");
        }

        @Override
        public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
            throw new AssertionError("a sync does not scan");
        }

        @Override
        public Staging stage(List<ManifestEntry> files) {
            throw new AssertionError("the share shows none of the files");
        }

        @Override
        public Change write(Manifest target, View seen) {
            throw new AssertionError("a sync does not write to the share");
        }
    }

    private final class FakePeers implements Peers {
        @Override
        public Exchange exchange(NodeName member, Exchange mine) {
            throw new AssertionError("a sync exchanges nothing");
        }

        @Override
        public LogPage log(NodeName member, long after) {
            throw new AssertionError("a sync asks for no log");
        }

        @Override
        public Manifest manifest(NodeName member, Digest root, Manifest nearest) {
            throw new AssertionError("a sync asks for no manifest");
        }

        @Override
        public Staging pull(PullTask task) {
            assertThat(task.held()).isSameAs(HELD);
            assertThat(task.files()).containsExactly(FILE);
            asked.add(task.members());
            return pulls.remove();
        }

        @Override
        public void forgetPulls() {
            done.add("pulls forgotten");
        }
    }

    private static Staging complete(Rejection... rejections) {
        return new Staging(List.of(), Optional.empty(), List.of(rejections));
    }

    private static Staging failed(Rejection... rejections) {
        return new Staging(List.of(FILE), Optional.of("from gw1: wrong"), List.of(rejections));
    }

    private static Rejection wrongBytes(NodeName member) {
        return new Rejection.WrongBytes(member, FILE.path(), RIGHT, digest("wrong"));
    }

    private void attempt(NodeName... holders) {
        now = now.plus(Duration.ofSeconds(5));
        assertThat(sync.mayStart(now)).isTrue();
        sync.start(GENERATION, REFERENCE, View.of(HELD), List.of(), Optional.empty(), now);
        while (sync.isBusy()) {
            sync.turn(List.of(holders), now);
        }
    }

    @Test
    void allMembersThatHoldTheGenerationMayBeAsked() {
        pulls.add(complete());

        attempt(GW1, GW2);

        assertThat(asked).containsExactly(List.of(GW1, GW2));
        assertThat(done).containsExactly("applied");
        assertThat(sync.problem()).isEmpty();
    }

    @Test
    void whoSentWrongBytesIsNotAskedAgainForAWhile() {
        pulls.add(failed(wrongBytes(GW1)));
        pulls.add(failed());
        pulls.add(failed());

        attempt(GW1, GW2);
        attempt(GW1, GW2);
        now = now.plus(Rejections.LEFT_OUT);
        attempt(GW1, GW2);

        assertThat(asked).containsExactly(List.of(GW1, GW2), List.of(GW2), List.of(GW1, GW2));
        assertThat(rejected).containsExactly(GW1);
    }

    @Test
    void aMemberThatSentWrongBytesIsToldOfThoughAnotherHelped() {
        pulls.add(complete(wrongBytes(GW1)));

        attempt(GW1, GW2);

        assertThat(done).containsExactly("applied");
        assertThat(sync.problem().orElseThrow()).contains("gw1 sent wrong bytes for server/x.car");
        sync.turn(List.of(), now.plus(Rejections.LEFT_OUT));
        assertThat(sync.problem()).isEmpty();
    }

    @Test
    void whenNobodyElseHoldsItThatIsSaid() {
        pulls.add(failed(wrongBytes(GW1)));

        attempt(GW1);
        attempt(GW1);

        assertThat(asked).hasSize(1);
        assertThat(sync.problem().orElseThrow())
                .contains("no reachable member holds generation 1.1, and 1 files are missing here")
                .contains("left out: gw1 sent wrong bytes for server/x.car");
    }

    @Test
    void whatNobodyNeedsIsForgottenAlsoAfterAStart() {
        assertThat(sync.hasUsedStage()).as("an earlier process may have").isTrue();

        sync.clearStage();

        assertThat(done).containsExactly("stage cleared", "pulls forgotten");
        assertThat(sync.hasUsedStage()).isFalse();
    }
}
