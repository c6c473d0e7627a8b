package io.lockstep.agent.store;

import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.agent.store.PathResult.Kept;
import io.lockstep.agent.store.TreeApplier.Recovery;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** One recovery: keeps everything that an apply that did not end has left in its tmp directory. */
final class TmpDrain {
    /** These never stood in a tree: copies of what the stage has, torn or not, and a journal before its first step. */
    private static final Pattern OWN_COPY = Pattern.compile("([0-9]{1,9}|" + Journal.NAME + ")\\.part");

    private static final Pattern OF_A_STEP = Pattern.compile("[0-9]{1,9}\\.(new|old)");

    private final EntryPath tree;
    private final OpenDirectory root;
    private final OpenDirectory tmp;
    private final Optional<Journal.Content> journal;
    private final GenerationId generation;
    private final KnownContent known;
    private final Preserver preserver;
    private int dropped;
    private int trashed;
    private int conflicts;

    TmpDrain(
            EntryPath tree,
            OpenDirectory root,
            OpenDirectory tmp,
            Optional<Journal.Content> journal,
            GenerationId current,
            KnownContent known,
            Preserver preserver) {
        this.tree = tree;
        this.root = root;
        this.tmp = tmp;
        this.journal = journal;
        this.generation = journal.map(Journal.Content::generation).orElse(current);
        this.known = known;
        this.preserver = preserver;
    }

    /** Takes care of these names, which are all that tmp holds, and last of the journal that describes them. */
    Recovery.Recovered run(List<byte[]> names) throws DiskException {
        for (var name : names) {
            var text = new String(name, StandardCharsets.ISO_8859_1);
            if (!text.equals(Journal.NAME) || journal.isEmpty()) {
                take(name, text);
            }
        }
        tmp.removeFileIfThere(OpenDirectory.bytesOf(Journal.NAME));
        tmp.sync();
        return new Recovery.Recovered(dropped, trashed, conflicts);
    }

    private void take(byte[] name, String text) throws DiskException {
        var look = tmp.look(name);
        if (look.isEmpty()) {
            return;
        }
        var path = pathOf(text);
        boolean ownCopy = look.get().isFile() && OWN_COPY.matcher(text).matches();
        if (ownCopy || (path.isPresent() && isInTree(path.get(), look.get()))) {
            tmp.removeFile(name);
            dropped++;
            return;
        }
        var origin = new Preserver.Origin(generation, path.orElseGet(() -> tree.child(name)), Why.RECOVERED);
        var kept = preserver.keep(tmp, name, origin, digest -> isKnown(path, digest));
        if (kept == Kept.TRASH) {
            trashed++;
        } else {
            conflicts++;
        }
    }

    private Optional<EntryPath> pathOf(String text) {
        return journal.isPresent() && OF_A_STEP.matcher(text).matches()
                ? journal.get().path(Long.parseLong(text.substring(0, text.indexOf('.'))))
                : Optional.empty();
    }

    private boolean isKnown(Optional<EntryPath> path, Optional<Digest> digest) {
        return path.isPresent() ? known.isAt(path.get(), digest) : known.isAnywhere(digest);
    }

    /** Whether this is a second name of a file that the tree still has, from a link whose rename did not follow. */
    private boolean isInTree(EntryPath path, EntryLook own) {
        var below = path.withoutFirst();
        if (below.isEmpty() || !own.isFile()) {
            return false;
        }
        try (var directories = new TreeDirectories(root)) {
            return directories
                    .parentOf(below.get())
                    .look(below.get().name())
                    .filter(own::isSameInode)
                    .isPresent();
        } catch (DiskException unknown) {
            // What can't be looked at is not known to be in the tree, so that the thing at hand is kept.
            return false;
        }
    }
}
