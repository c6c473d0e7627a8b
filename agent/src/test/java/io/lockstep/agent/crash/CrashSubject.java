package io.lockstep.agent.crash;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.agent.store.ApplyOutcome;
import io.lockstep.agent.store.ApplyRequest;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.StateFiles;
import io.lockstep.agent.store.TreeApplier;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestCodec;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Does what an agent does to its disk, over and over, until it is killed: recovers, commits a generation, stages its
 * content, applies it, looks, raises the mark. Prints a line for each step.
 */
public final class CrashSubject {
    private static final int KEPT = 20;

    private final CrashPlace place;
    private final StateFiles state;
    private final FileDecisionLog log;

    private CrashSubject(CrashPlace place) throws Exception {
        this.place = place;
        if (!(StateFiles.open(place.state()) instanceof StateFiles.Opening.Opened opened)) {
            throw new IOException("the state can't be opened: " + StateFiles.open(place.state()));
        }
        state = opened.state();
        log = FileDecisionLog.open(place.state().resolve("decisions.log"));
    }

    /**
     * Changes the store until it is killed.
     *
     * @param arguments the directory, and the seed
     */
    public static void main(String[] arguments) throws Exception {
        new CrashSubject(new CrashPlace(Path.of(arguments[0]), Long.parseLong(arguments[1]))).run();
    }

    private void run() throws Exception {
        if (log.state().index() == 0) {
            log.append(List.of(new LogEntry.ModeChange(
                    1,
                    1,
                    Clock.systemUTC().instant(),
                    Mode.RSYNC,
                    Reason.SHARE_LOST,
                    new NodeName("node1"),
                    Optional.empty())));
        }
        recover();
        while (true) {
            bringToReference();
            commitNext();
        }
    }

    private void recover() throws IOException {
        var reference = log.state().reference();
        if (reference.isPresent()) {
            var recovery = place.applier()
                    .recover(reference.get().id(), known(reference.get().id().seq()));
            if (!(recovery instanceof TreeApplier.Recovery.Recovered)) {
                throw new IOException("not recovered: " + recovery);
            }
        }
        say("recovered");
    }

    private void commitNext() throws Exception {
        long seq = seq() + 1;
        var next = place.generation(seq);
        stage(ManifestDiff.contentMissingFrom(place.look().manifest(), next));
        require(state.keepManifest(next));
        var generation = new Generation(
                new GenerationId(1, seq),
                next.root(),
                log.state().reference().map(Generation::root),
                Digest.of(ManifestCodec.encode(next)));
        log.append(List.of(new LogEntry.Commit(
                log.state().index() + 1, 1, Clock.systemUTC().instant(), generation)));
        say("committed " + seq);
    }

    private void bringToReference() throws IOException {
        var reference = log.state().reference();
        if (reference.isEmpty()) {
            return;
        }
        long seq = reference.get().id().seq();
        var wanted = place.generation(seq);
        var seen = place.look();
        while (!seen.manifest().equals(wanted)) {
            stage(ManifestDiff.contentMissingFrom(seen.manifest(), wanted));
            var outcome = place.applier().apply(new ApplyRequest(reference.get().id(), wanted, seen, known(seq)));
            if (!(outcome instanceof ApplyOutcome.Applied)) {
                throw new IOException("not applied: " + outcome);
            }
            seen = place.look();
        }
        if (!(state.raiseApplied(reference.get().id(), wanted.root()) instanceof StateFiles.Raise.Raised)) {
            say("not raised");
        }
        retain(seq);
        say("applied " + seq);
    }

    private void retain(long seq) throws IOException {
        var roots = known(seq).stream().map(Manifest::root).collect(java.util.stream.Collectors.toSet());
        require(state.retainManifests(roots, StateFiles.ManifestBounds.NONE));
        if (place.stage().retain(Set.of()) instanceof ContentStage.Retention.Failed failed) {
            throw new IOException(failed.failure().message());
        }
    }

    private List<Manifest> known(long seq) {
        var known = new ArrayList<Manifest>();
        for (long at = Math.max(1, seq - KEPT + 1); at <= seq; at++) {
            known.add(place.generation(at));
        }
        return known;
    }

    private long seq() {
        return log.state().reference().map(generation -> generation.id().seq()).orElse(0L);
    }

    private void stage(List<ManifestEntry> files) throws IOException {
        var fetched =
                Files.createDirectories(place.directory().resolve("fetched")).resolve("file");
        for (var file : files) {
            Files.write(fetched, CrashPlace.content(file));
            var adoption = place.stage().adopt(fetched, file.digest().orElseThrow());
            if (!(adoption instanceof ContentStage.Adoption.Adopted)) {
                throw new IOException("not staged: " + adoption);
            }
        }
    }

    private static void require(Optional<io.lockstep.agent.store.DiskFailure> failure) throws IOException {
        if (failure.isPresent()) {
            throw new IOException(failure.get().message());
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
