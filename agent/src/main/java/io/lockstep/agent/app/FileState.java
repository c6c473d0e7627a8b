package io.lockstep.agent.app;

import io.lockstep.agent.loop.State;
import io.lockstep.agent.store.StateFiles;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's state in its state directory. */
final class FileState implements State {
    private static final Logger LOG = LoggerFactory.getLogger(FileState.class);

    private final StateFiles files;
    private final Duration keepFor;
    private final int keepGenerations;
    private final InstantSource clock;
    private Optional<Applied> applied;

    /**
     * @param keepFor manifests younger than this stay: what the trash keeps can be restored only with them
     * @param keepGenerations and so many of the newest
     * @throws IOException when the mark can't be read; the message says what to do
     */
    FileState(StateFiles files, Duration keepFor, int keepGenerations, InstantSource clock) throws IOException {
        this.files = files;
        this.keepFor = keepFor;
        this.keepGenerations = keepGenerations;
        this.clock = clock;
        var mark = files.applied();
        if (mark instanceof StateFiles.AppliedMark.Unreadable unreadable) {
            throw new IOException(unreadable.message());
        }
        applied = mark instanceof StateFiles.AppliedMark.Marked marked
                ? Optional.of(new Applied(
                        marked.applied().generation(), marked.applied().root()))
                : Optional.empty();
    }

    @Override
    public Optional<Applied> applied() {
        return applied;
    }

    @Override
    public void apply(Applied mark) throws IOException {
        var raise = files.raiseApplied(mark.id(), mark.root());
        if (raise instanceof StateFiles.Raise.Lower lower) {
            throw new IllegalArgumentException(
                    "the applied generation would go down from " + lower.current() + " to " + mark);
        }
        if (raise instanceof StateFiles.Raise.Failed failed) {
            throw new IOException(failed.message());
        }
        applied = Optional.of(mark);
    }

    @Override
    public Optional<Manifest> manifest(Digest root) {
        var stored = files.manifest(root);
        if (stored instanceof StateFiles.StoredManifest.Found found) {
            return Optional.of(found.manifest());
        }
        if (!(stored instanceof StateFiles.StoredManifest.Absent)) {
            LOG.warn("manifest {}: {}", root.abbreviated(), stored);
        }
        return Optional.empty();
    }

    @Override
    public void keep(Manifest manifest) throws IOException {
        var failure = files.keepManifest(manifest);
        if (failure.isPresent()) {
            throw new IOException(failure.get().message());
        }
    }

    @Override
    public void retain(Set<Digest> roots) throws IOException {
        var failure = files.retainManifests(
                roots, new StateFiles.ManifestBounds(clock.instant().minus(keepFor), keepGenerations));
        if (failure.isPresent()) {
            throw new IOException(failure.get().message());
        }
    }
}
