package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.generation.FirstContact.Place;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FirstContactTest {
    private static final Manifest EMPTY = manifest(directory("server"));
    private static final Manifest A = manifest(file("server/a.xml", "a"), file("server/both.xml", "1"));
    private static final Manifest B = manifest(file("server/b.xml", "b"), file("server/both.xml", "2"));

    private static Place at(String name, Manifest manifest) {
        return Place.of(name, manifest);
    }

    @Test
    void nodesWithoutFilesTakeWhateverTheShareHas() {
        var contact = FirstContact.of(List.of(at("share", A), at("gw1", EMPTY), at("gw2", A)));

        assertThat(contact.isAgreed()).isTrue();
        assertThat(contact.differing()).isEmpty();
        assertThat(FirstContact.of(List.of(at("share", EMPTY), at("gw1", EMPTY)))
                        .isAgreed())
                .isTrue();
    }

    @Test
    void oneNodeWithOtherFilesIsEnoughToWait() {
        var contact = FirstContact.of(List.of(at("share", A), at("gw1", EMPTY), at("gw2", B)));

        assertThat(contact.isAgreed()).isFalse();
        assertThat(contact.proposal()).map(Place::name).contains("share");
        assertThat(contact.differing()).extracting(Place::name).containsExactly("gw2");
        assertThat(contact.differingPaths()).hasToString("[server/a.xml, server/b.xml, server/both.xml]");
        assertThat(contact.text())
                .contains("the share (2 files) is proposed")
                .contains("gw2's replica (2 files) has 1 more, lacks 1 and has 1 others");
    }

    @Test
    void anEmptyShareIsNeverTakenOverNodesThatHaveFiles() {
        var contact = FirstContact.of(List.of(at("share", EMPTY), at("gw1", A), at("gw2", B), at("gw3", B)));

        assertThat(contact.isAgreed()).isFalse();
        assertThat(contact.proposal()).map(Place::name).contains("gw2");
        assertThat(contact.differing()).extracting(Place::name).containsExactly("share", "gw1");
    }

    @Test
    void ofEquallyManyTheFirstIsProposed() {
        var contact = FirstContact.of(List.of(at("share", EMPTY), at("gw1", A), at("gw2", B)));

        assertThat(contact.proposal()).map(Place::name).contains("gw1");
    }

    @Test
    void withoutAShareNothingIsAgreed() {
        assertThat(FirstContact.of(List.of(at("gw1", A), at("gw2", A))).isAgreed())
                .isFalse();
    }

    @Test
    void aTreeOfWhichOnlyTheRootIsKnownDiffersAllTheSame() {
        var unknown = new Place("gw2", B.root(), false, Optional.empty());
        var contact = FirstContact.of(List.of(at("share", A), unknown));

        assertThat(contact.isAgreed()).isFalse();
        assertThat(contact.text()).contains("gw2's replica differs");
        assertThat(contact.differingPaths()).isEmpty();
    }

    @Test
    void whateverIsAgreedNoFileOfAnyPlaceIsLost() {
        for (int seed = 0; seed < 200; seed++) {
            var random = new RandomTrees(seed);
            var trees = List.of(EMPTY, random.manifest(3), random.manifest(2));
            var places = List.of(
                    at("share", trees.get(random.below(3))),
                    at("gw1", trees.get(random.below(3))),
                    at("gw2", trees.get(random.below(3))));

            var contact = FirstContact.of(places);

            var share = places.get(0).manifest().orElseThrow();
            boolean losesNothing = places.stream()
                    .allMatch(place -> place.manifest().orElseThrow().entries().stream()
                            .filter(ManifestEntry::isFile)
                            .allMatch(entry -> share.find(entry.path()).equals(Optional.of(entry))));
            if (contact.isAgreed()) {
                assertThat(losesNothing).as("seed %d", seed).isTrue();
            }
        }
    }
}
