package io.lockstep.agent.app;

import io.lockstep.agent.rsync.FileSet;
import io.lockstep.agent.rsync.PartialFile;
import io.lockstep.agent.rsync.StagedFiles;
import io.lockstep.generation.Parcel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Where pulls write: {@code <work>/pull} of each tree, a directory in it for each parcel, named by a content that it is
 * about. So an attempt finds what an earlier one got, of this process or of one that was killed.
 */
final class PullPlaces {
    private static final String SMALL = "small-";
    private static final String LARGE = "large-";

    private final Map<String, Path> places = new TreeMap<>();
    private final Function<String, Path> replicaRoots;

    /**
     * @param works each tree's work directory, by the tree's name
     * @param replicaRoots each tree's root in the replica
     */
    PullPlaces(Map<String, Path> works, Function<String, Path> replicaRoots) {
        works.forEach((tree, work) -> places.put(tree, work.resolve("pull")));
        this.replicaRoots = replicaRoots;
    }

    private Path place(String tree) throws IOException {
        var place = places.get(tree);
        if (place == null) {
            throw new IOException("this node has no tree called " + tree);
        }
        return Files.createDirectories(place, ownersOnly());
    }

    private static FileAttribute<?> ownersOnly() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    }

    private static String nameOf(Parcel parcel) {
        var content = parcel.files().get(0).digest().orElseThrow();
        return (parcel.isLarge() ? LARGE : SMALL) + content;
    }

    /** An empty directory for a parcel of small files. */
    Path forSmall(Parcel parcel) throws IOException {
        var directory = place(parcel.tree().toString()).resolve(nameOf(parcel));
        new StagedFiles(directory).remove();
        return Files.createDirectory(directory, ownersOnly());
    }

    /** What there is of a large file. */
    PartialFile forLarge(Parcel parcel) throws IOException {
        var file = FileSet.ofEntries(parcel.files()).files().get(0);
        return new PartialFile(place(parcel.tree().toString()).resolve(nameOf(parcel)), file);
    }

    /**
     * The replica's older version of a parcel's file, if there is one and room for a copy.
     *
     * @param partial what there is of the file
     */
    Optional<PartialFile.Older> older(Parcel parcel, PartialFile partial) throws IOException {
        var basis = parcel.basis();
        if (basis.isEmpty()) {
            return Optional.empty();
        }
        long copied = Math.addExact(basis.get().sizeBytes(), partial.arrivedBytes());
        return room(parcel) >= Math.addExact(needed(parcel), copied)
                ? Optional.of(
                        new ReplicaVersion(replicaRoots.apply(parcel.tree().toString()), basis.get()))
                : Optional.empty();
    }

    /** Why there is not enough room for a parcel, for people; empty when there is. */
    Optional<String> lackOfRoom(Parcel parcel) throws IOException {
        long room = room(parcel);
        long needed = needed(parcel);
        return room >= needed
                ? Optional.empty()
                : Optional.of(
                        "there is not enough room at " + place(parcel.tree().toString()) + ": " + needed
                                + " bytes needed for a pull, " + room + " available; free some, the agent tries again");
    }

    /** What rsync writes, and a copy in the stage. */
    private static long needed(Parcel parcel) {
        return Math.multiplyExact(2, parcel.totalBytes());
    }

    private long room(Parcel parcel) throws IOException {
        return Files.getFileStore(place(parcel.tree().toString())).getUsableSpace();
    }

    /** The directories of small files that an earlier attempt could not empty. */
    List<Path> leftovers(String tree) throws IOException {
        var found = new ArrayList<Path>();
        try (var directories = Files.newDirectoryStream(place(tree), SMALL + "*")) {
            directories.forEach(found::add);
        }
        return found;
    }

    /** Removes what is of none of these parcels. Not while a pull is running. */
    void keepOnly(List<Parcel> parcels) throws IOException {
        var wanted = new HashSet<Path>();
        for (var parcel : parcels) {
            wanted.add(place(parcel.tree().toString()).resolve(nameOf(parcel)));
        }
        for (var tree : places.keySet()) {
            try (var directories = Files.newDirectoryStream(place(tree))) {
                for (var directory : directories) {
                    if (!wanted.contains(directory)) {
                        remove(directory);
                    }
                }
            }
        }
    }

    /** Whatever an older version of this agent left there may be a file, too. */
    private static void remove(Path leftover) throws IOException {
        if (Files.isDirectory(leftover, LinkOption.NOFOLLOW_LINKS)) {
            new StagedFiles(leftover).remove();
        } else {
            Files.delete(leftover);
        }
    }
}
