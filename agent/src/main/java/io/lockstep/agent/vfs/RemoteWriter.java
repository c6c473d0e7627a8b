package io.lockstep.agent.vfs;

import io.lockstep.agent.vfs.RemoteStep.Effect;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Changes a tree on a server, one path at a time. A file is written under a temporary name beside the tree and renamed,
 * so that its final name never shows half of it. What gives way is fetched, held against what committed generations had
 * there, and kept on this node's own disk before it does; what nobody knows is left alone.
 *
 * <p>A step that the server refuses has a result of its own; when the server is gone, the run ends.
 */
final class RemoteWriter {
    private final RemotePlace place;
    private final RemoteKeeper keeper;
    private final RemoteSwap swap;
    private final Path scratch;
    private final List<RemoteStep> steps = new ArrayList<>();

    RemoteWriter(RemotePlace place, RemoteDot dot, String node, Path scratch, RemoteKeeper keeper) {
        this.place = place;
        this.keeper = keeper;
        this.scratch = scratch.resolve(node + ".fetched");
        swap = new RemoteSwap(place, dot, node);
    }

    List<RemoteStep> steps() {
        return steps;
    }

    void run(List<RemoteOrder> orders) throws RemoteFailure, LocalFailure {
        swap.begin(this::putAway);
        if (orders.isEmpty()) {
            return;
        }
        swap.writeJournal(orders.stream().map(RemoteOrder::path).toList());
        for (int i = 0; i < orders.size(); i++) {
            steps.add(step(i, orders.get(i)));
        }
        swap.removeJournal();
    }

    private RemoteStep step(int number, RemoteOrder order) throws RemoteFailure, LocalFailure {
        try {
            if (!hasRealParents(order.path())) {
                return new RemoteStep(order.path(), Effect.FOREIGN, "a directory above it is none, or a link");
            }
            if (order instanceof RemoteOrder.WriteFile write) {
                return writeFile(number, write.path(), write.wanted());
            }
            if (order instanceof RemoteOrder.RemoveFile) {
                return removeFile(number, order.path());
            }
            return order instanceof RemoteOrder.MakeDirectory make
                    ? makeDirectory(number, make)
                    : removeDirectory(order.path());
        } catch (RemoteFailure e) {
            if (!e.isOfOneEntry()) {
                throw e;
            }
            return new RemoteStep(order.path(), Effect.BLOCKED, e.detail());
        }
    }

    /** A server resolves links on the way by itself, and one of them could lead out of the tree. */
    private boolean hasRealParents(EntryPath path) throws RemoteFailure {
        var above = path.parent();
        if (above.isEmpty()) {
            return true;
        }
        return hasRealParents(above.get())
                && place.lookIfThere(above.get())
                        .filter(RemoteLook::isDirectory)
                        .isPresent();
    }

    private static RemoteStep result(EntryPath path, Effect effect) {
        return new RemoteStep(path, effect, "");
    }

    private RemoteStep makeDirectory(int number, RemoteOrder.MakeDirectory order) throws RemoteFailure, LocalFailure {
        var path = order.path();
        var look = place.lookIfThere(path);
        if (look.isPresent() && look.get().isFile()) {
            var removed = removeFile(number, path);
            if (removed.effect().isUnsettled()) {
                return removed;
            }
            look = Optional.empty();
        }
        if (look.isPresent() && !look.get().isDirectory()) {
            return result(path, Effect.FOREIGN);
        }
        if (look.isEmpty()) {
            place.makeDirectory(path);
            place.setMode(path, order.mode());
            return result(path, Effect.DONE);
        }
        if (look.get().mode().isEmpty() || look.get().mode().getAsInt() == order.mode()) {
            return result(path, Effect.UNCHANGED);
        }
        place.setMode(path, order.mode());
        return result(path, Effect.DONE);
    }

    private RemoteStep removeDirectory(EntryPath path) throws RemoteFailure {
        var look = place.lookIfThere(path);
        if (look.isEmpty()) {
            return result(path, Effect.UNCHANGED);
        }
        if (!look.get().isDirectory()) {
            return result(path, Effect.FOREIGN);
        }
        if (!place.list(Optional.of(path)).isEmpty()) {
            return result(path, Effect.NOT_EMPTY);
        }
        place.removeDirectory(path);
        return result(path, Effect.DONE);
    }

    private RemoteStep writeFile(int number, EntryPath path, ManifestEntry wanted) throws RemoteFailure, LocalFailure {
        long seconds = Math.floorDiv(wanted.mtimeNanos(), RemoteLook.NANOS);
        if (seconds < 0 || seconds > 0xffff_ffffL) {
            return new RemoteStep(path, Effect.BLOCKED, "its time can't be told to a server: " + seconds + " s");
        }
        var look = place.lookIfThere(path);
        if (look.isPresent() && look.get().isDirectory()) {
            var removed = removeDirectory(path);
            if (removed.effect().isUnsettled()) {
                return removed;
            }
            look = Optional.empty();
        }
        Optional<Old> old = Optional.empty();
        if (look.isPresent()) {
            if (!look.get().isFile()) {
                return result(path, Effect.FOREIGN);
            }
            old = Optional.of(fetch(path, look.get()));
            if (wanted.digest().equals(Optional.of(old.get().digest()))) {
                return setAttributes(path, look.get(), wanted, seconds);
            }
            if (!keeper.isKnown(path, old.get().digest())) {
                return result(path, Effect.FOREIGN);
            }
        }
        if (!upload(number, wanted, seconds)) {
            return result(path, Effect.CONTENT_MISSING);
        }
        if (old.isPresent()) {
            keep(path, old.get());
        }
        var swapped = swap.in(number, path, old.map(Old::look), kept -> keepUnlessSame(path, kept, wanted));
        return result(path, swapped ? Effect.DONE : Effect.FOREIGN);
    }

    private RemoteStep setAttributes(EntryPath path, RemoteLook look, ManifestEntry wanted, long seconds)
            throws RemoteFailure {
        boolean sameMode = look.mode().isEmpty() || look.mode().getAsInt() == wanted.mode();
        if (sameMode && look.mtimeSeconds() == seconds) {
            return result(path, Effect.UNCHANGED);
        }
        place.setAttributes(path, wanted.mode(), seconds);
        return result(path, Effect.DONE);
    }

    private boolean upload(int number, ManifestEntry wanted, long seconds) throws RemoteFailure, LocalFailure {
        var part = swap.fresh(number);
        Optional<InputStream> content;
        try {
            content = keeper.content(wanted.digest().orElseThrow());
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
        if (content.isEmpty()) {
            return false;
        }
        var sha256 = Digest.newSha256();
        try (var in = content.get()) {
            RemoteContent.writeAll(place, part, out -> {
                var chunk = new byte[32 * 1024];
                int got = in.read(chunk);
                while (got >= 0) {
                    sha256.update(chunk, 0, got);
                    out.write(chunk, 0, got);
                    got = in.read(chunk);
                }
            });
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
        boolean isWanted = wanted.digest().equals(Optional.of(Digest.finish(sha256)));
        if (isWanted) {
            place.setAttributes(part, wanted.mode(), seconds);
            var look = place.look(Optional.of(part));
            isWanted = look.isFile() && look.sizeBytes() == wanted.sizeBytes();
        }
        if (!isWanted) {
            place.removeFile(part);
        }
        return isWanted;
    }

    private RemoteStep removeFile(int number, EntryPath path) throws RemoteFailure, LocalFailure {
        var look = place.lookIfThere(path);
        if (look.isEmpty()) {
            return result(path, Effect.UNCHANGED);
        }
        if (!look.get().isFile()) {
            return result(path, Effect.FOREIGN);
        }
        var old = fetch(path, look.get());
        if (!keeper.isKnown(path, old.digest())) {
            return result(path, Effect.FOREIGN);
        }
        keep(path, old);
        if (!place.lookIfThere(path).filter(look.get()::isSameFile).isPresent()) {
            return result(path, Effect.FOREIGN);
        }
        var out = swap.out(number, path);
        var outLook = place.look(Optional.of(out));
        if (outLook.isSameFile(look.get())) {
            place.removeFile(out);
            return result(path, Effect.DONE);
        }
        // Somebody wrote between the look and the rename.
        var taken = fetch(out, outLook);
        if (!keeper.isKnown(path, taken.digest()) && swap.putBack(out, path)) {
            return result(path, Effect.FOREIGN);
        }
        keep(path, taken);
        place.removeFile(out);
        return result(path, Effect.DONE);
    }

    /** What stood somewhere, and is in the scratch file now. */
    private record Old(RemoteLook look, Digest digest) {}

    private Old fetch(EntryPath path, RemoteLook look) throws RemoteFailure, LocalFailure {
        var digest = RemoteTree.fetch(place, path, look, scratch);
        if (!place.lookIfThere(path).filter(look::isSameFile).isPresent()) {
            throw RemoteFailure.refused("read " + path, "EAGAIN", "it is being written");
        }
        return new Old(look, digest);
    }

    private void keep(EntryPath path, Old old) throws LocalFailure {
        try {
            keeper.keep(path, scratch, old.digest());
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
    }

    /** What a swap took out is looked at once more when it is not what was kept before. */
    private void keepUnlessSame(EntryPath path, EntryPath out, ManifestEntry wanted)
            throws RemoteFailure, LocalFailure {
        var look = place.look(Optional.of(out));
        if (look.type() == EntryType.FILE) {
            var taken = fetch(out, look);
            if (!wanted.digest().equals(Optional.of(taken.digest()))) {
                keep(path, taken);
            }
        }
    }

    /** What an earlier run left, under the path that its journal tells. */
    private void putAway(EntryPath path, EntryPath out) throws RemoteFailure, LocalFailure {
        var look = place.look(Optional.of(out));
        if (look.isFile()) {
            keep(path, fetch(out, look));
        }
    }
}
