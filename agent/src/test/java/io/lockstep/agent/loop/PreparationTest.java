package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Concern;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Probe;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreparationTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final EntryPath PATH = EntryPath.of("server/a.xml");
    private static final Manifest REFERENCE = manifest("1");
    private static final Manifest NEXT = manifest("2");
    private static final Inspection FINE = new Inspection(Map.of(), List.of(), Optional.empty());

    private final List<String> done = new ArrayList<>();
    private final List<Runnable> onShare = new ArrayList<>();
    private final List<Runnable> onReplica = new ArrayList<>();
    private Staging staging = new Staging(List.of(), Optional.empty());
    private Inspection inspection = FINE;

    private final Preparation preparation = new Preparation(
            new FakeShare(), new FakeInspector(), new LoopListener() {}, onShare::add, onReplica::add, () -> {});

    private final class FakeShare implements Share {
        @Override
        public Probe probe(Beacon beacon, List<NodeName> peers) {
            throw new IllegalStateException("nothing is probed");
        }

        @Override
        public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
            throw new IllegalStateException("nothing is scanned");
        }

        @Override
        public Staging stage(List<ManifestEntry> files) {
            done.add("staged " + files.size());
            return staging;
        }

        @Override
        public Change write(Manifest target, View seen) {
            throw new IllegalStateException("nothing is written");
        }
    }

    private final class FakeInspector implements Inspector {
        @Override
        public Inspection inspect(Manifest reference, Manifest next, Origin origin) {
            done.add("inspected " + origin + (reference.equals(next) ? " again" : ""));
            return inspection;
        }

        @Override
        public Optional<String> artifactOf(EntryPath path) {
            return Optional.empty();
        }
    }

    private static Manifest manifest(String content) {
        var digest = Digest.of(content.getBytes(StandardCharsets.UTF_8));
        return new Manifest(List.of(
                ManifestEntry.directory(EntryPath.of("server"), 0), ManifestEntry.file(PATH, 0644, 1, 1, digest)));
    }

    /** Lets the threads do what they were given, and the preparation collect it, until nothing is left. */
    private Optional<Preparation.Finding> settle(Instant now) {
        Optional<Preparation.Finding> found = Optional.empty();
        while (!onShare.isEmpty() || !onReplica.isEmpty()) {
            (onShare.isEmpty() ? onReplica : onShare).remove(0).run();
            var next = preparation.turn(now);
            found = next.isPresent() ? next : found;
        }
        return found;
    }

    @Test
    void whatIsOnTheShareIsStagedAndThenLookedInto() {
        preparation.start(REFERENCE, NEXT, Inspector.Origin.SHARE, REFERENCE, START);
        assertThat(preparation.needsStage()).isTrue();
        assertThat(preparation.isReady(NEXT)).isFalse();

        assertThat(settle(START)).isEmpty();

        assertThat(done).containsExactly("staged 1", "inspected SHARE");
        assertThat(preparation.isReady(NEXT)).isTrue();
        assertThat(preparation.isReady(REFERENCE)).isFalse();
        assertThat(preparation.needsStage()).isTrue();
        preparation.forget();
        assertThat(preparation.needsStage()).isFalse();
    }

    @Test
    void whatIsInTheReplicaIsNotStaged() {
        preparation.start(REFERENCE, NEXT, Inspector.Origin.REPLICA, NEXT, START);
        settle(START);

        assertThat(done).containsExactly("inspected REPLICA");
        assertThat(preparation.isReady(NEXT)).isTrue();
    }

    @Test
    void contentThatIsRefusedMakesNothingReady() {
        var refusal = new Refusal(NEXT.find(PATH).orElseThrow().digest().orElseThrow(), HeldBack.Why.INVALID_XML, "");
        inspection = new Inspection(Map.of(PATH, refusal), List.of(), Optional.empty());
        preparation.start(REFERENCE, NEXT, Inspector.Origin.SHARE, REFERENCE, START);

        assertThat(settle(START)).contains(new Preparation.Finding(Inspector.Origin.SHARE, Map.of(PATH, refusal)));
        assertThat(preparation.isReady(NEXT)).isFalse();
        assertThat(preparation.isBusy()).isFalse();
    }

    @Test
    void contentThatCannotBeHadIsTriedAgainAfterAPause() {
        staging = new Staging(List.of(NEXT.find(PATH).orElseThrow()), Optional.of("it changed"));
        preparation.start(REFERENCE, NEXT, Inspector.Origin.SHARE, REFERENCE, START);
        settle(START);

        assertThat(preparation.isReady(NEXT)).isFalse();
        assertThat(preparation.problem()).contains("it changed");
        assertThat(preparation.takeWantsLook()).isTrue();
        assertThat(preparation.takeWantsLook()).isFalse();

        preparation.start(REFERENCE, NEXT, Inspector.Origin.SHARE, REFERENCE, START.plusMillis(500));
        assertThat(preparation.isBusy()).isFalse();
        staging = new Staging(List.of(), Optional.empty());
        preparation.start(REFERENCE, NEXT, Inspector.Origin.SHARE, REFERENCE, START.plusSeconds(1));
        settle(START.plusSeconds(1));
        assertThat(preparation.isReady(NEXT)).isTrue();
        assertThat(preparation.problem()).isEmpty();
    }

    @Test
    void contentThatCannotBeLookedIntoIsNotCommitted() {
        inspection = new Inspection(Map.of(), List.of(), Optional.of("EIO"));
        preparation.start(REFERENCE, NEXT, Inspector.Origin.SHARE, REFERENCE, START);
        settle(START);

        assertThat(preparation.isReady(NEXT)).isFalse();
        assertThat(preparation.problem()).contains("EIO");
    }

    @Test
    void aCommittedManifestIsSurveyedOnce() {
        var concern = new Concern(PATH, Concern.Kind.NESTED_DIRECTORY, "");
        inspection = new Inspection(Map.of(), List.of(concern), Optional.empty());
        preparation.survey(REFERENCE, START);
        settle(START);
        preparation.survey(REFERENCE, START);
        settle(START);

        assertThat(done).containsExactly("inspected SHARE again");
        assertThat(preparation.concerns()).containsExactly(concern);
        assertThat(preparation.isReady(REFERENCE)).isFalse();
        assertThat(preparation.needsStage()).isFalse();
    }
}
