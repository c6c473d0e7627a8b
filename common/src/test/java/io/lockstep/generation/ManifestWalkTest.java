package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestWalk.Answer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestWalkTest {
    private static final Digest OTHER = Digest.of(new byte[] {1});
    private final Manifest local = new RandomTrees(99).manifest(200);

    @Test
    void givesThePeersManifestWhateverDiffers() throws Exception {
        for (int seed = 0; seed < 150; seed++) {
            var trees = new RandomTrees(seed);
            var mine = trees.manifest(trees.below(400));
            var peers = trees.edited(mine, trees.below(40));

            var result = walk(mine, peers);

            assertThat(result.entries()).as("seed %d", seed).isEqualTo(peers.entries());
            assertThat(result.root()).isEqualTo(peers.root());
            assertThat(ManifestDiff.between(mine, result)).isEqualTo(ManifestDiff.between(mine, peers));
        }
    }

    @Test
    void anEmptyManifestCanBeEitherEnd() throws Exception {
        var some = new RandomTrees(4).manifest(100);

        assertThat(walk(Manifest.empty(), some)).isEqualTo(some);
        assertThat(walk(some, Manifest.empty())).isEqualTo(Manifest.empty());
    }

    @Test
    void equalManifestsNeedNoQuestion() throws Exception {
        var walk = new ManifestWalk(local, local.root());

        assertThat(walk.questions()).isEmpty();
        assertThat(walk.result()).isEqualTo(local);
    }

    @Test
    void aWholeManifestComesWithAtMost256QuestionsAtOnce() throws Exception {
        var peers = new RandomTrees(5).manifest(20_000);
        var walk = new ManifestWalk(Manifest.empty(), peers.root());
        while (!walk.questions().isEmpty()) {
            assertThat(walk.questions()).hasSizeLessThanOrEqualTo(ManifestWalk.MAX_QUESTIONS);
            accept(walk, peers);
        }

        assertThat(walk.result()).isEqualTo(peers);
    }

    @Test
    void noResultBeforeTheLastAnswer() {
        var walk = new ManifestWalk(local, OTHER);

        assertThatIllegalStateException().isThrownBy(walk::result);
    }

    @Test
    void refusesAnswersThatAreNotToTheQuestions() {
        var answer = ManifestWalk.answer(local, "");

        refuses(List.of());
        refuses(List.of(answer, answer));
        refuses(List.of(new Answer("0", answer.children(), answer.entries())));
    }

    @Test
    void refusesAnInnerNodeWithoutSixteenChildren() {
        refuses(List.of(new Answer("", Collections.nCopies(15, OTHER), List.of())));
        refuses(List.of(new Answer("", Collections.nCopies(17, OTHER), List.of())));
    }

    @Test
    void refusesAnInnerNodeThatHoldsEntries() {
        refuses(List.of(new Answer(
                "", Collections.nCopies(16, OTHER), List.of(directory("a").canonicalBytes()))));
    }

    @Test
    void refusesALeafWithMoreThanALeafHolds() {
        var entries = new ArrayList<byte[]>();
        entries.add(directory("server").canonicalBytes());
        for (int i = 0; i < 16; i++) {
            entries.add(file("server/" + i, "").canonicalBytes());
        }

        refuses(List.of(new Answer("", List.of(), entries)));
    }

    @Test
    void refusesEntriesThatAreNone() {
        refuses(List.of(new Answer("", List.of(), List.of(new byte[] {1, 2, 3}))));
        refuses(List.of(new Answer("", List.of(), List.of(new byte[0]))));
    }

    @Test
    void refusesAnEntryOutsideItsPrefix() throws Exception {
        var walk = new ManifestWalk(local, OTHER);
        walk.accept(List.of(new Answer("", Collections.nCopies(16, OTHER), List.of())));
        var entry = directory("server");
        var answers = new ArrayList<Answer>();
        for (var prefix : walk.questions()) {
            var entries =
                    entry.key().toString().startsWith(prefix) ? List.<byte[]>of() : List.of(entry.canonicalBytes());
            answers.add(new Answer(prefix, List.of(), entries));
        }

        assertThatExceptionOfType(MalformedManifestException.class)
                .isThrownBy(() -> walk.accept(answers))
                .withMessageContaining("prefix");
    }

    @Test
    void refusesAnEntryBelowAFile() throws Exception {
        refusesInTheEnd(List.of(directory("server"), file("server/a", ""), file("server/a/b", "")));
    }

    @Test
    void refusesAManifestThatIsNotTheWantedOne() throws Exception {
        refusesInTheEnd(List.of(directory("server"), file("server/a", "")));
    }

    @Test
    void refusesWhatAPeerCanNeitherClaimNorProve() throws Exception {
        // The answers are those of an honest peer, and the root that was announced is another's.
        var peers = new RandomTrees(6).edited(local, 5);
        var walk = new ManifestWalk(local, OTHER);
        while (!walk.questions().isEmpty()) {
            accept(walk, peers);
        }

        assertThatExceptionOfType(MalformedManifestException.class)
                .isThrownBy(walk::result)
                .withMessageContaining(OTHER.toString());
    }

    @Test
    void aPeerThatOnlyEverShowsInnerNodesEndsTheWalk() {
        // Along all children, and along one, as deep as a key is long.
        for (int differing : new int[] {16, 2, 1}) {
            var walk = new ManifestWalk(Manifest.empty(), OTHER);
            var same = ManifestWalk.answer(Manifest.empty(), "");
            var emptyLeaf = Manifest.empty().trie().node(same.prefix()).digest();
            var children = new ArrayList<>(Collections.nCopies(differing, OTHER));
            children.addAll(Collections.nCopies(16 - differing, emptyLeaf));

            assertThatExceptionOfType(MalformedManifestException.class)
                    .as("%d differing children", differing)
                    .isThrownBy(() -> {
                        for (int round = 0; round < 100; round++) {
                            walk.accept(walk.questions().stream()
                                    .map(prefix -> new Answer(prefix, children, List.of()))
                                    .toList());
                        }
                    });
        }
    }

    @Test
    void tenDifferingPathsOf100000CostAtMostSixRoundTripsAnd64KiB() throws Exception {
        var trees = new RandomTrees(7);
        var mine = hundredThousand();
        for (int seed = 0; seed < 3; seed++) {
            var entries = new ArrayList<>(mine.entries());
            var chosen = new HashSet<Integer>();
            while (chosen.size() < 10) {
                int at = trees.below(entries.size());
                var entry = entries.get(at);
                if (entry.isFile() && chosen.add(at)) {
                    entries.set(at, file(entry.path().toString(), "changed " + seed));
                }
            }
            var peers = Manifest.like(mine, entries);
            var walk = new ManifestWalk(mine, peers.root());
            int roundTrips = 0;
            int bytes = 0;
            while (!walk.questions().isEmpty()) {
                var answers = answersOf(peers, walk.questions());
                bytes += questionJson(peers.root(), walk.questions()).length();
                bytes += answerJson(answers).length();
                roundTrips++;
                walk.accept(answers);
            }

            assertThat(ManifestDiff.between(mine, walk.result()).differences()).hasSize(10);
            assertThat(roundTrips).as("round trips, run %d", seed).isLessThanOrEqualTo(6);
            assertThat(bytes).as("bytes both ways, run %d", seed).isLessThanOrEqualTo(64 * 1024);
        }
    }

    /** Published APIs as WSO2 names them, in a few directories that hold tens of thousands of files each. */
    private static Manifest hundredThousand() {
        var entries = new ArrayList<ManifestEntry>();
        for (int i = 0; i < 25_000; i++) {
            var api = "admin--Api%05d_v1.0.0".formatted(i);
            var config = "server/synapse-configs/default/";
            entries.add(file(config + "api/" + api + ".xml", "api" + i));
            entries.add(file(config + "sequences/" + api + "--In.xml", "in" + i));
            entries.add(file(config + "sequences/" + api + "--Out.xml", "out" + i));
            entries.add(file(config + "endpoints/Api%05d--v1.0.0_APIproductionEndpoint.xml".formatted(i), "e" + i));
        }
        return manifest(entries.toArray(ManifestEntry[]::new));
    }

    /** The body of {@code POST /v1/trie} as Jackson writes a TrieQuestions; HTTP's own bytes are not counted. */
    private static String questionJson(Digest root, List<String> prefixes) {
        return "{\"root\":\"" + root + "\",\"prefixes\":[" + quoted(prefixes) + "]}";
    }

    /** The answer as Jackson writes a TrieAnswers: digests as 64 digits, entries in base64. */
    private static String answerJson(List<Answer> answers) {
        var parts = answers.stream()
                .map(answer -> "{\"prefix\":\"" + answer.prefix() + "\",\"children\":["
                        + quoted(
                                answer.children().stream().map(Digest::toString).toList())
                        + "],\"entries\":["
                        + quoted(answer.entries().stream()
                                .map(java.util.Base64.getEncoder()::encodeToString)
                                .toList())
                        + "]}")
                .toList();
        return "{\"answers\":[" + String.join(",", parts) + "]}";
    }

    private static String quoted(List<String> values) {
        return String.join(",", values.stream().map(value -> '"' + value + '"').toList());
    }

    private static Manifest walk(Manifest mine, Manifest peers) throws MalformedManifestException {
        var walk = new ManifestWalk(mine, peers.root());
        while (!walk.questions().isEmpty()) {
            accept(walk, peers);
        }
        return walk.result();
    }

    private static void accept(ManifestWalk walk, Manifest peers) throws MalformedManifestException {
        walk.accept(answersOf(peers, walk.questions()));
    }

    private static List<Answer> answersOf(Manifest peers, List<String> questions) {
        return questions.stream()
                .map(prefix -> ManifestWalk.answer(peers, prefix))
                .toList();
    }

    private void refuses(List<Answer> answers) {
        var walk = new ManifestWalk(local, OTHER);

        assertThatExceptionOfType(MalformedManifestException.class).isThrownBy(() -> walk.accept(answers));
    }

    private void refusesInTheEnd(List<ManifestEntry> entries) throws MalformedManifestException {
        var walk = new ManifestWalk(local, OTHER);
        walk.accept(List.of(new Answer(
                "",
                List.of(),
                entries.stream().map(ManifestEntry::canonicalBytes).toList())));

        assertThat(walk.questions()).isEmpty();
        assertThatExceptionOfType(MalformedManifestException.class).isThrownBy(walk::result);
    }

    @Test
    void aPathIsNeverTakenFromTwoLeaves() throws Exception {
        // Whatever a peer repeats inside one leaf, the last root decides.
        var walk =
                new ManifestWalk(Manifest.empty(), manifest(directory("server")).root());
        var server = directory("server").canonicalBytes();
        walk.accept(List.of(new Answer("", List.of(), List.of(server, server))));

        assertThat(walk.result().find(EntryPath.of("server"))).isPresent();
    }
}
