package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What trees are before there is a generation, and which of them may become the first. While trees that hold files
 * differ, none is: whichever it was, it would delete something of another, and that is for a person to decide.
 *
 * @param places the share first if it was seen, then the nodes
 * @param proposal the tree that is proposed; empty when no place has a file
 */
public record FirstContact(List<Place> places, Optional<Place> proposal) {
    /** What the share is called among the places. */
    public static final String SHARE = "share";

    public FirstContact {
        places = List.copyOf(places);
    }

    /**
     * One tree as it is.
     *
     * @param name {@value #SHARE}, or the node's
     * @param root its root digest
     * @param isEmpty whether it has no file; not told by its root, it counts as one that has
     * @param manifest its entries, as far as they are known here
     */
    public record Place(String name, Digest root, boolean isEmpty, Optional<Manifest> manifest) {
        /** A tree whose entries are known. */
        public static Place of(String name, Manifest manifest) {
            return new Place(name, manifest.root(), manifest.fileCount() == 0, Optional.of(manifest));
        }

        boolean isShare() {
            return name.equals(SHARE);
        }
    }

    /** Looks at all places: the share is proposed if it has files, else the tree that most nodes have. */
    public static FirstContact of(List<Place> places) {
        return new FirstContact(places, propose(places));
    }

    private static Optional<Place> propose(List<Place> places) {
        var withFiles = places.stream().filter(place -> !place.isEmpty()).toList();
        var share = withFiles.stream().filter(Place::isShare).findFirst();
        if (share.isPresent()) {
            return share;
        }
        var votes = new LinkedHashMap<Digest, Integer>();
        withFiles.forEach(place -> votes.merge(place.root(), 1, Integer::sum));
        // Of equally many the first one's: the manager comes first.
        return withFiles.stream()
                .max(Comparator.<Place>comparingInt(place -> votes.getOrDefault(place.root(), 0))
                        .thenComparing(place -> -withFiles.indexOf(place)));
    }

    /** Whether the share may become the first generation, for nothing that any place has would be lost by it. */
    public boolean isAgreed() {
        var share = places.stream().filter(Place::isShare).findFirst();
        return share.isPresent()
                && places.stream()
                        .allMatch(place -> place.isEmpty()
                                || place.root().equals(share.get().root()));
    }

    /** The places whose trees differ from the proposed one; one without files differs only if it is the share. */
    public List<Place> differing() {
        return places.stream()
                .filter(place -> proposal.isPresent()
                        && !place.root().equals(proposal.get().root())
                        && (place.isShare() || !place.isEmpty()))
                .toList();
    }

    /** The paths at which some place differs from the proposed tree, as far as they are known; sorted. */
    public List<EntryPath> differingPaths() {
        var paths = new TreeSet<EntryPath>();
        var proposed = proposal.flatMap(Place::manifest);
        for (var place : differing()) {
            if (proposed.isPresent() && place.manifest().isPresent()) {
                ManifestDiff.between(proposed.get(), place.manifest().get())
                        .differences()
                        .forEach(difference -> paths.add(difference.path()));
            }
        }
        return new ArrayList<>(paths);
    }

    /** What differs at each place, and what is proposed, in a sentence. */
    public String text() {
        var text = new StringBuilder("nothing is written before you decide, for trees differ: ");
        proposal.ifPresent(
                place -> text.append(called(place)).append(files(place)).append(" is proposed"));
        for (var place : differing()) {
            text.append("; ").append(called(place)).append(files(place)).append(difference(place));
        }
        return text.toString();
    }

    private static String called(Place place) {
        return place.isShare() ? "the share" : place.name() + "'s replica";
    }

    private static String files(Place place) {
        return place.manifest()
                .map(manifest -> " (" + manifest.fileCount() + " files)")
                .orElse("");
    }

    private String difference(Place place) {
        var proposed = proposal.flatMap(Place::manifest);
        if (proposed.isEmpty() || place.manifest().isEmpty()) {
            return " differs";
        }
        var changes = PlanChanges.between(proposed.get(), place.manifest().get());
        return " has " + changes.added().size() + " more, lacks "
                + (changes.deleted().size() + changes.moved().size()) + " and has "
                + changes.changed().size() + " others";
    }
}
