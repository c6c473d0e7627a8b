package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One tree's trash and conflict store, as places of content that was digested when it was kept. A file whose bytes are
 * others now is told of, whoever comes across it. For several threads, as the stores are.
 */
final class KeptStores {
    private final List<Store> stores;
    private final Consumer<Corruption> onCorruption;

    /** A store by its name. */
    private record Store(String name, KeptEntries entries) {}

    /** A kept file and where it lies. */
    record Copy(String store, KeptEntry entry) {}

    KeptStores(Trash trash, ConflictStore conflicts, Consumer<Corruption> onCorruption) {
        this.stores = List.of(new Store("trash", trash.entries()), new Store("conflicts", conflicts.entries()));
        this.onCorruption = onCorruption;
    }

    /** The files with this content, the trash's first. Their bytes are not looked at. */
    List<Copy> find(Digest digest) {
        var copies = new ArrayList<Copy>();
        for (var store : stores) {
            try {
                store.entries().find(digest).forEach(entry -> copies.add(new Copy(store.name(), entry)));
            } catch (DiskException unreadable) {
                // A store that can't be read has nothing to offer; its own purge and count tell of it.
                copies.removeIf(copy -> copy.store().equals(store.name()));
            }
        }
        return copies;
    }

    static Path directoryOf(KeptEntry entry) {
        return Objects.requireNonNull(entry.content().toAbsolutePath().getParent(), "a kept file lies in a directory");
    }

    /** Opens the file; what can't be opened can't be read. */
    static OpenFile open(KeptEntry entry) throws UnreadableException {
        try (var directory = OpenDirectory.open(DurableCalls.DIRECT, directoryOf(entry))) {
            return directory.openFile(
                    OpenDirectory.bytesOf(String.valueOf(entry.content().getFileName())));
        } catch (DiskException e) {
            throw new UnreadableException(e.failure().place(), e.errno());
        }
    }

    /** Whether the file has the bytes that it had when it was kept; tells of it when it has not. */
    boolean isWhole(Copy copy, LongConsumer pace) {
        try (var file = open(copy.entry())) {
            var actual = Optional.of(file.digest(pace));
            if (actual.equals(copy.entry().digest())) {
                return true;
            }
            tell(copy, actual);
        } catch (DiskException e) {
            tellUnreadable(copy, e.errno());
        }
        return false;
    }

    /** The file has other bytes than it had. */
    void tell(Copy copy, Optional<Digest> actual) {
        onCorruption.accept(new Corruption(
                copy.entry(),
                copy.store(),
                actual,
                "its digest is " + actual.map(Digest::abbreviated).orElse("unknown") + " and was "
                        + copy.entry().digest().map(Digest::abbreviated).orElse("unknown")));
    }

    /** The file can't be read; one that was dropped a moment ago is nothing to tell of. */
    void tellUnreadable(Copy copy, Errno errno) {
        if (!errno.equals(Errno.ENOENT)) {
            onCorruption.accept(
                    new Corruption(copy.entry(), copy.store(), Optional.empty(), "it can't be read: " + errno));
        }
    }

    /**
     * Digests every kept file anew, and tells of each that is damaged.
     *
     * @param pace hears of the bytes of each part that was read, and may take its time
     * @param goOn asked before each file; the scrub ends when it says no
     * @return how many files were looked at
     */
    long scrub(LongConsumer pace, BooleanSupplier goOn) {
        long looked = 0;
        for (var store : stores) {
            for (var generation : generations(store)) {
                for (var entry : entries(store, generation)) {
                    if (!goOn.getAsBoolean()) {
                        return looked;
                    }
                    if (entry.digest().isPresent()) {
                        isWhole(new Copy(store.name(), entry), pace);
                        looked++;
                    }
                }
            }
        }
        return looked;
    }

    private static List<KeptEntry> entries(Store store, GenerationId generation) {
        return store.entries().list(generation) instanceof KeptListing.Listed listed ? listed.entries() : List.of();
    }

    private static List<GenerationId> generations(Store store) {
        try {
            return store.entries().groups();
        } catch (DiskException unreadable) {
            // A store that can't be read has nothing to look at; its own purge and count tell of it.
            return List.of();
        }
    }

    /** Gives a damaged file its bytes again; says whether {@code source} had the right ones. */
    boolean mend(Corruption corruption, OpenFile source) throws DiskException {
        var store = stores.stream()
                .filter(it -> it.name().equals(corruption.place()))
                .findFirst()
                .orElseThrow();
        return store.entries().mend(corruption.entry(), source);
    }
}
