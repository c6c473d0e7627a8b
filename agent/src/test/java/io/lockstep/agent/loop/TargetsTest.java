package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator orders, that no tree shows. */
class TargetsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Manifest BEFORE = manifest("before");
    private static final Manifest WANTED = manifest("wanted");

    @TempDir
    private Path directory;

    private FileDecisionLog log;
    private Ledger ledger;
    private Targets targets;
    private int brought;
    private Staging content = new Staging(List.of(), Optional.empty());

    @BeforeEach
    void open() throws IOException {
        log = FileDecisionLog.open(directory.resolve("decisions.log"));
        ledger = new Ledger(log, new MemoryState());
        targets = targets(Loops.MANAGER, true);
    }

    private Targets targets(NodeName self, boolean hasShare) {
        var settings = Loops.settings(self, hasShare);
        var held = new HeldPlan(ledger, new Candidates(settings, ledger, Loops.inspector()));
        var commits = new Commits(settings, ledger, held, new LoopListener() {});
        return new Targets(settings, ledger, commits, Runnable::run, () -> {});
    }

    @AfterEach
    void close() throws IOException {
        log.close();
    }

    private static Manifest manifest(String content) {
        var bytes = content.getBytes(StandardCharsets.UTF_8);
        return Manifest.ofUnsorted(List.of(
                ManifestEntry.directory(EntryPath.of("server"), 0755),
                ManifestEntry.file(EntryPath.of("server/a.xml"), 0644, bytes.length, 0, Digest.of(bytes))));
    }

    private static MountEvidence share(MountEvidence.State state, Reason reason) {
        return new MountEvidence(state, reason, "", NOW, NOW);
    }

    private static final MountEvidence PROVEN = share(MountEvidence.State.PROVEN, Reason.OK);

    private void live(Mode mode) throws IOException {
        ledger.enter(mode, Reason.SHARE_EQUAL, Loops.MANAGER, NOW);
        ledger.commit(BEFORE, NOW);
        ledger.markApplied();
    }

    private Target target() {
        return new Target(ledger.decided().reference().map(Generation::root), WANTED, Reason.OPERATOR, () -> {
            brought++;
            return content;
        });
    }

    private CompletableFuture<TargetOutcome> ordered(MountEvidence share) throws IOException {
        var answer = targets.order(target());
        targets.turn(share, false, NOW);
        targets.turn(share, false, NOW);
        return answer;
    }

    @ParameterizedTest
    @CsvSource({
        "SHARED, PROVEN, OK, RECONCILING",
        "HOLD, PROVEN, OK, RECONCILING",
        "RECONCILING, PROVEN, OK, RECONCILING",
        // A blip is no loss.
        "SHARED, SUSPECT, SHARE_IO_ERROR, RECONCILING",
        "SHARED, LOST, NOT_MOUNTED, RSYNC",
        "HOLD, LOST, NOT_MOUNTED, RSYNC",
        // What can't be written can't be brought to anything.
        "SHARED, PROVEN, READ_ONLY, RSYNC",
        // A share that came back has its time to prove itself, and most nodes theirs.
        "RSYNC, PROVEN, OK, RSYNC",
        "RSYNC, LOST, NOT_MOUNTED, RSYNC"
    })
    void theTargetIsTheReferenceAndNeitherShareNorReplicaIsAnAuthorityBeforeItHasIt(
            Mode before, MountEvidence.State state, Reason reason, Mode after) throws Exception {
        live(before);

        var outcome = ordered(share(state, reason)).get();

        assertThat(outcome).isInstanceOf(TargetOutcome.Committed.class);
        assertThat(ledger.reference()).contains(WANTED);
        assertThat(ledger.decided().mode()).isEqualTo(after);
        assertThat(ledger.decided().modeReason()).isEqualTo(Reason.OPERATOR);
        assertThat(ledger.hasAppliedReference()).isFalse();
        ledger.markApplied();
        assertThat(ledger.hasAppliedReference()).isTrue();
    }

    @Test
    void theShareWasLastEqualAtTheGenerationBeforeTheTarget() throws Exception {
        live(Mode.SHARED);
        ledger.commit(manifest("published since"), NOW);
        var last = ledger.decided().reference().orElseThrow();

        assertThat(ordered(PROVEN)).isDone();

        assertThat(ledger.decided().base()).contains(last.id());
        assertThat(ledger.lineage()).isPresent();
    }

    @Test
    void anotherManagersTermKeepsTheBase() throws Exception {
        live(Mode.SHARED);
        var base = ledger.decided().reference().orElseThrow().id();
        ledger.enter(Mode.RSYNC, Reason.SHARE_LOST, Loops.MANAGER, NOW);
        ledger.commit(manifest("published without the share"), NOW);

        ledger.enter(Mode.RSYNC, Reason.OPERATOR, Loops.WORKER, NOW);

        assertThat(ledger.decided().base()).contains(base);
    }

    @Test
    void withoutAShareTheClusterStaysInRsync() throws Exception {
        live(Mode.RSYNC);
        targets = targets(Loops.MANAGER, false);

        assertThat(ordered(share(MountEvidence.State.UNKNOWN, Reason.NO_SHARE))).isDone();

        assertThat(ledger.decided().mode()).isEqualTo(Mode.RSYNC);
        assertThat(ledger.reference()).contains(WANTED);
    }

    @Test
    void nothingIsCommittedBeforeItsContentIsThere() throws Exception {
        live(Mode.SHARED);
        content = new Staging(List.of(WANTED.entries().get(1)), Optional.of("nobody has it"));

        var outcome = ordered(PROVEN).get();

        assertThat(outcome).isEqualTo(new TargetOutcome.ContentMissing(content));
        assertThat(ledger.reference()).contains(BEFORE);
        assertThat(ledger.decided().mode()).isEqualTo(Mode.SHARED);
        assertThat(targets.isBusy()).isFalse();
    }

    @Test
    void theStageIsNotTouchedWhileOthersUseIt() throws Exception {
        live(Mode.SHARED);
        var answer = targets.order(target());

        targets.turn(PROVEN, true, NOW);

        assertThat(brought).isZero();
        assertThat(targets.isBusy()).isTrue();
        assertThat(answer).isNotDone();
    }

    @Test
    void aTargetThatWasWorkedOutFromAnotherReferenceIsRefused() throws Exception {
        live(Mode.SHARED);
        var answer = targets.order(target());
        targets.turn(PROVEN, false, NOW);
        var between = manifest("published meanwhile");
        ledger.commit(between, NOW);

        targets.turn(PROVEN, false, NOW);

        assertThat(answer.get()).isInstanceOf(TargetOutcome.Refused.class);
        assertThat(ledger.reference()).contains(between);
    }

    @Test
    void onlyOneTargetAtATimeAndOnlyOnTheManager() throws Exception {
        live(Mode.SHARED);
        assertThat(targets.order(target())).isNotDone();

        assertThat(targets.order(target()).get()).isInstanceOf(TargetOutcome.Refused.class);

        targets = targets(Loops.WORKER, true);
        assertThat(targets.order(target()).get())
                .isEqualTo(new TargetOutcome.Refused("gw2 is not the manager", "ask gw1"));
    }

    @Test
    void contentThatFailsUnexpectedlyIsToldAndTheLoopGoesOn() throws Exception {
        live(Mode.SHARED);
        var root = ledger.decided().reference().map(Generation::root);
        var answer = targets.order(new Target(root, WANTED, Reason.OPERATOR, () -> {
            throw new IllegalStateException("broken");
        }));

        targets.turn(PROVEN, false, NOW);
        targets.turn(PROVEN, false, NOW);

        assertThat(answer.get()).isInstanceOf(TargetOutcome.Refused.class);
        assertThat(targets.isBusy()).isFalse();
    }
}
