package io.lockstep.agent.app;

import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.KeptCopies;
import io.lockstep.agent.vfs.RemoteKeeper;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One tree's stage, trash and conflict store, for one write to a share that is not mounted. */
final class StoredCopies implements RemoteKeeper {
    private final EntryPath root;
    private final GenerationId generation;
    private final List<Manifest> known;
    private final ContentStage stage;
    private final KeptCopies copies;
    private int trashed;
    private int preserved;

    /**
     * @param root the tree's name
     * @param generation the one that is written
     * @param known manifests whose contents may give way
     */
    StoredCopies(EntryPath root, GenerationId generation, List<Manifest> known, ContentStage stage, KeptCopies copies) {
        this.root = root;
        this.generation = generation;
        this.known = List.copyOf(known);
        this.stage = stage;
        this.copies = copies;
    }

    int trashed() {
        return trashed;
    }

    int preserved() {
        return preserved;
    }

    @Override
    public Optional<InputStream> content(Digest digest) throws IOException {
        try {
            return Optional.of(stage.stream(digest));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean isKnown(EntryPath path, Digest digest) {
        var whole = root.resolve(path);
        return known.stream()
                .flatMap(manifest -> manifest.find(whole).stream())
                .flatMap((ManifestEntry entry) -> entry.digest().stream())
                .anyMatch(digest::equals);
    }

    @Override
    public void keep(EntryPath path, Path copy, Digest digest) throws IOException {
        boolean isKnown = isKnown(path, digest);
        var place =
                copies.keep(copy, generation, root.resolve(path), read -> isKnown && read.equals(Optional.of(digest)));
        if (place == KeptCopies.Place.TRASH) {
            trashed++;
        } else {
            preserved++;
        }
    }
}
