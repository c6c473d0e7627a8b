package io.lockstep.agent.store;

import io.lockstep.agent.posix.DirectoryHandle.Existing;
import io.lockstep.agent.posix.Errno;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A directory of things that were taken out of trees: {@code <epoch.seq>/<n>.kept} is the thing itself, moved and not
 * copied where the file systems are the same, {@code <n>.json} its description. The description is written first, so
 * that a crash can leave a description without a thing, which counts for nothing, and never a thing without a
 * description.
 *
 * <p>Several threads may use one object. Another process may keep things in the same directory, since who makes a
 * description has its number: what is on the share is kept by the process that touches the share.
 */
final class KeptEntries {
    private static final String KEPT = ".kept";
    private static final String JSON = ".json";
    private static final String PART = ".part";
    private static final int MAX_JSON_BYTES = 64 * 1024;
    /** How many numbers another process may take before it is believed that something else is wrong. */
    private static final int MAX_ATTEMPTS = 16;

    private final Path directory;
    private final DurableCalls calls;
    private final KeptIndex index = new KeptIndex();
    private @Nullable GenerationId group;
    private long nextNumber;

    KeptEntries(Path directory, DurableCalls calls) {
        this.directory = directory;
        this.calls = calls;
    }

    Path directory() {
        return directory;
    }

    /** Where something comes from, and why. */
    record Origin(GenerationId generation, EntryPath path, Optional<Digest> digest, Instant when, KeptEntry.Why why) {}

    /**
     * Takes what stands under {@code name} in {@code from}; durable on return. From another file system only a file can
     * be taken ({@code EXDEV} otherwise): it is copied, its digest compared, and then removed there.
     */
    synchronized void keep(OpenDirectory from, byte[] name, EntryLook look, Origin origin) throws DiskException {
        var groupName = OpenDirectory.bytesOf(origin.generation().toString());
        try (var all = OpenDirectory.openOrMake(calls, directory)) {
            all.makeDirectoryDurably(groupName);
            try (var into = all.openDirectory(groupName)) {
                long number = describe(into, look, origin);
                var kept = OpenDirectory.bytesOf(number + KEPT);
                var errno = from.tryRename(name, into, kept, Existing.REPLACE);
                if (errno.equals(Errno.EXDEV) && look.isFile()) {
                    copy(from, name, look, into, number);
                } else if (!errno.isNone()) {
                    throw new DiskException("move to " + into.place(), from.placeOf(name), errno);
                }
                into.sync();
                if (errno.equals(Errno.EXDEV)) {
                    from.removeFile(name);
                }
            }
        }
    }

    /**
     * Keeps a copy of a file, with the mode and time that {@code look} says; durable on return. The file itself stays.
     *
     * @param source nothing was read of it yet
     * @return false when it has not the origin's digest; nothing is kept then
     */
    synchronized boolean keepCopy(OpenFile source, EntryLook look, Origin origin) throws DiskException {
        var groupName = OpenDirectory.bytesOf(origin.generation().toString());
        try (var all = OpenDirectory.openOrMake(calls, directory)) {
            all.makeDirectoryDurably(groupName);
            try (var into = all.openDirectory(groupName)) {
                long number = describe(into, look, origin);
                var part = OpenDirectory.bytesOf(number + PART);
                var digest = copy(source, look, into, part);
                if (!origin.digest().equals(Optional.of(digest))) {
                    into.removeFile(part);
                    return false;
                }
                into.rename(part, into, OpenDirectory.bytesOf(number + KEPT));
                into.sync();
                return true;
            }
        }
    }

    /**
     * Moves an entry to {@code other}, whose directory is on the same file system. Durable on return; killed on the way,
     * the entry is in one of them.
     */
    synchronized void move(KeptEntry entry, KeptEntries other, Origin origin) throws DiskException {
        var place = directory.resolve(entry.generation().toString());
        try (var group = OpenDirectory.open(calls, place)) {
            var kept = OpenDirectory.bytesOf(entry.number() + KEPT);
            var look = group.look(kept);
            if (look.isPresent()) {
                other.keep(group, kept, look.get(), origin);
            }
            // Without the thing, its description counts for nothing.
            group.removeFileIfThere(OpenDirectory.bytesOf(entry.number() + JSON));
            group.sync();
        }
    }

    private long describe(OpenDirectory into, EntryLook look, Origin origin) throws DiskException {
        if (!origin.generation().equals(group)) {
            try (var again = OpenDirectory.open(
                    calls, directory.resolve(origin.generation().toString()))) {
                nextNumber = 1 + largestNumber(again);
            }
            group = origin.generation();
        }
        for (int attempt = 1; ; attempt++) {
            long number = nextNumber++;
            try {
                describe(into, number, look, origin);
                return number;
            } catch (DiskException e) {
                if (!e.errno().equals(Errno.EEXIST) || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
            // The other process that keeps things here has taken the number.
            try (var again = OpenDirectory.open(
                    calls, directory.resolve(origin.generation().toString()))) {
                nextNumber = 1 + largestNumber(again);
            }
        }
    }

    /** Makes the description, which is what takes the number. */
    private void describe(OpenDirectory into, long number, EntryLook look, Origin origin) throws DiskException {
        var stamp = look.stamp();
        var entry = new KeptEntry(
                origin.generation(),
                number,
                origin.path(),
                look.type(),
                origin.digest(),
                stamp.sizeBytes(),
                look.mode(),
                stamp.mtimeNanos(),
                origin.when(),
                origin.why(),
                directory);
        into.writeFile(OpenDirectory.bytesOf(number + JSON), KeptEntryJson.write(entry));
    }

    private static long largestNumber(OpenDirectory group) throws DiskException {
        long[] largest = {-1};
        group.eachName(name -> {
            for (var suffix : List.of(KEPT, JSON, PART)) {
                numberOf(name, suffix).ifPresent(number -> largest[0] = Math.max(largest[0], number));
            }
        });
        return largest[0];
    }

    private static void copy(OpenDirectory from, byte[] name, EntryLook look, OpenDirectory into, long number)
            throws DiskException {
        var part = OpenDirectory.bytesOf(number + PART);
        try (var source = from.openFile(name)) {
            copy(source, look, into, part);
        }
        into.rename(part, into, OpenDirectory.bytesOf(number + KEPT));
    }

    private static Digest copy(OpenFile source, EntryLook look, OpenDirectory into, byte[] part) throws DiskException {
        try (var target = into.createFile(part)) {
            var digest = source.copyTo(target);
            target.setMode(look.mode());
            target.setModificationTime(look.stamp().mtimeNanos());
            target.sync();
            if (!into.digestOf(part).equals(Optional.of(digest))) {
                throw new DiskException("read back", into.placeOf(part), Errno.EIO);
            }
            return digest;
        } catch (DiskException e) {
            // On a full disk the torn copy is in the way of the next attempt; the original is still where it was.
            var removed = into.tryRemoveFile(part);
            if (!removed.isNone() && !removed.equals(Errno.ENOENT)) {
                e.addSuppressed(new DiskException("remove", into.placeOf(part), removed));
            }
            throw e;
        }
    }

    /** The first {@code limit} things, newest generation first, within one in the order they were taken out. */
    synchronized KeptListing list(int limit) {
        var entries = new ArrayList<KeptEntry>();
        var undescribed = new ArrayList<String>();
        try {
            for (var generation : groups()) {
                list(generation, limit, entries, undescribed);
            }
        } catch (DiskException e) {
            return new KeptListing.Unreadable(e.failure());
        }
        return new KeptListing.Listed(entries, undescribed);
    }

    /** What is kept of one generation, in the order in which it was taken out; nothing when the generation is gone. */
    synchronized KeptListing list(GenerationId generation) {
        var entries = new ArrayList<KeptEntry>();
        var undescribed = new ArrayList<String>();
        try {
            list(generation, Integer.MAX_VALUE, entries, undescribed);
        } catch (DiskException e) {
            return e.errno().equals(Errno.ENOENT)
                    ? new KeptListing.Listed(List.of(), List.of())
                    : new KeptListing.Unreadable(e.failure());
        }
        return new KeptListing.Listed(entries, undescribed);
    }

    private void list(GenerationId generation, int limit, List<KeptEntry> entries, List<String> undescribed)
            throws DiskException {
        var place = directory.resolve(generation.toString());
        try (var names = OpenDirectory.open(calls, place);
                var files = OpenDirectory.open(calls, place)) {
            for (long number : keptNumbers(names)) {
                if (entries.size() + undescribed.size() == limit) {
                    return;
                }
                var content = place.resolve(number + KEPT);
                description(files, number, content)
                        .ifPresentOrElse(entries::add, () -> undescribed.add(content.toString()));
            }
        }
    }

    /** The files with this content, newest generation first. Their bytes are not looked at. */
    synchronized List<KeptEntry> find(Digest digest) throws DiskException {
        var found = new ArrayList<KeptEntry>();
        refreshIndex();
        for (var place : index.find(digest)) {
            var directoryOfGroup = directory.resolve(place.generation().toString());
            try (var files = OpenDirectory.open(calls, directoryOfGroup)) {
                description(files, place.number(), directoryOfGroup.resolve(place.number() + KEPT))
                        .filter(entry -> entry.digest().equals(Optional.of(digest)))
                        .ifPresent(found::add);
            }
        }
        return found;
    }

    /** How many bytes are kept of each generation, newest generation first. */
    synchronized Map<GenerationId, Long> sizes() throws DiskException {
        refreshIndex();
        return index.sizes();
    }

    private void refreshIndex() throws DiskException {
        var groups = groups();
        index.retain(groups);
        for (var generation : groups) {
            long mtimeNanos = lastKeptNanos(generation);
            // Whatever is kept now goes to the newest one, perhaps within one tick of the file system's clock.
            boolean mayGrow = generation.equals(groups.get(0));
            if (mayGrow || !index.isFresh(generation, mtimeNanos)) {
                var entries = new ArrayList<KeptEntry>();
                list(generation, Integer.MAX_VALUE, entries, new ArrayList<>());
                index.put(generation, mtimeNanos, entries);
            }
        }
    }

    /**
     * Gives a file that was damaged its bytes again, with the mode and time that it had; durable on return.
     *
     * @param source content that was found right just now; it is digested again as it is copied
     * @return whether the source had the right bytes; nothing has changed when it had not
     */
    synchronized boolean mend(KeptEntry entry, OpenFile source) throws DiskException {
        var place = directory.resolve(entry.generation().toString());
        var part = OpenDirectory.bytesOf(entry.number() + PART);
        try (var group = OpenDirectory.open(calls, place)) {
            group.removeFileIfThere(part);
            try (var target = group.createFile(part)) {
                if (!entry.digest().equals(Optional.of(source.copyTo(target)))) {
                    group.removeFile(part);
                    return false;
                }
                target.setMode(entry.mode());
                target.setModificationTime(entry.mtimeNanos());
                target.sync();
            } catch (DiskException e) {
                var removed = group.tryRemoveFile(part);
                if (!removed.isNone() && !removed.equals(Errno.ENOENT)) {
                    e.addSuppressed(new DiskException("remove", group.placeOf(part), removed));
                }
                throw e;
            }
            group.rename(part, group, OpenDirectory.bytesOf(entry.number() + KEPT));
            group.sync();
            return true;
        }
    }

    private static Optional<KeptEntry> description(OpenDirectory group, long number, Path content)
            throws DiskException {
        var name = OpenDirectory.bytesOf(number + JSON);
        if (group.look(name).filter(EntryLook::isFile).isEmpty()) {
            return Optional.empty();
        }
        try (var file = group.openFile(name)) {
            return KeptEntryJson.read(file.readUpTo(MAX_JSON_BYTES), number, content);
        }
    }

    /** How many things there are. */
    synchronized KeptCount count() {
        long[] count = {0};
        try {
            for (var generation : groups()) {
                try (var group = OpenDirectory.open(calls, directory.resolve(generation.toString()))) {
                    group.eachName(name -> count[0] += numberOf(name, KEPT).isPresent() ? 1 : 0);
                }
            }
        } catch (DiskException e) {
            return new KeptCount.Unreadable(e.failure());
        }
        return new KeptCount.Counted(count[0]);
    }

    /** Every generation that something is kept of, newest first. */
    synchronized List<GenerationId> groups() throws DiskException {
        var groups = new ArrayList<GenerationId>();
        var there = OpenDirectory.openIfThere(calls, directory);
        if (there.isPresent()) {
            try (var all = there.get()) {
                all.eachName(name -> generationOf(name).ifPresent(groups::add));
            }
        }
        groups.sort(Comparator.reverseOrder());
        return groups;
    }

    /** When something was last put to what is kept of {@code generation}, in ns since 1970. */
    synchronized long lastKeptNanos(GenerationId generation) throws DiskException {
        try (var group = OpenDirectory.open(calls, directory.resolve(generation.toString()))) {
            return group.look().stamp().mtimeNanos();
        }
    }

    /** Drops the files that are kept of {@code generation}; returns how many. A kept directory stays, and is refused. */
    synchronized long drop(GenerationId generation) throws DiskException {
        long[] dropped = {0};
        try (var all = OpenDirectory.open(calls, directory)) {
            var name = OpenDirectory.bytesOf(generation.toString());
            try (var group = all.openDirectory(name)) {
                group.eachName(file -> {
                    group.removeFile(file);
                    dropped[0] += numberOf(file, KEPT).isPresent() ? 1 : 0;
                });
            }
            var errno = all.tryRemoveDirectory(name);
            if (!errno.isNone()) {
                throw new DiskException("remove the directory", all.placeOf(name), errno);
            }
            all.sync();
        }
        if (generation.equals(group)) {
            group = null;
        }
        return dropped[0];
    }

    private static List<Long> keptNumbers(OpenDirectory group) throws DiskException {
        var numbers = new ArrayList<Long>();
        group.eachName(name -> numberOf(name, KEPT).ifPresent(numbers::add));
        numbers.sort(null);
        return numbers;
    }

    private static Optional<GenerationId> generationOf(byte[] name) {
        var text = new String(name, StandardCharsets.ISO_8859_1);
        // Other names are not ours: nothing is read or dropped there.
        return text.matches("[1-9][0-9]{0,17}\\.[1-9][0-9]{0,17}")
                ? Optional.of(GenerationId.parse(text))
                : Optional.empty();
    }

    private static OptionalLong numberOf(byte[] name, String suffix) {
        var text = new String(name, StandardCharsets.ISO_8859_1);
        // Eighteen digits always fit a long.
        if (!text.endsWith(suffix) || !text.matches("[0-9]{1,18}\\.[a-z]+")) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(text.substring(0, text.length() - suffix.length())));
    }
}
