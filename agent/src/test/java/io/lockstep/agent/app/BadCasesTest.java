package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.agent.loop.Inspector.Origin;
import io.lockstep.agent.scan.ScanOutcome;
import io.lockstep.agent.scan.ScanRequest;
import io.lockstep.agent.scan.TreeScanner;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.TreeCopy;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Concern;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.NextManifest;
import io.lockstep.generation.Restraints;
import io.lockstep.generation.View;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The expected verdict on every bad case that was ever collected, from the filter and the scan to the manifest, as the
 * manager does it. docs/artifacts.md has the same as a table for people, with reasons.
 */
class BadCasesTest {
    private static final String DEFAULT = "synapse-configs/default/";
    private static final String API = DEFAULT + "api/admin--kart1_v1.0.0.xml";
    private static final String PRODUCTION = DEFAULT + "endpoints/kart1--v1.0.0_APIproductionEndpoint.xml";
    private static final String SANDBOX = DEFAULT + "endpoints/kart1--v1.0.0_APIsandboxEndpoint.xml";
    private static final String CAR = "carbonapps/connectors-data-services-pack_1.0.0.car";
    private static final String POLICY = "executionplans/carbon.super_sub_Gold.siddhiql";

    /** What becomes of each path of each case, below {@code server/}. */
    private static final Map<String, Map<String, String>> EXPECTED = new TreeMap<>(Map.ofEntries(
            Map.entry("xml-truncated-half", Map.of(API, "held back INVALID_XML")),
            Map.entry("xml-truncated-at-4096", Map.of(API, "held back INVALID_XML")),
            Map.entry("xml-empty", Map.of(API, "held back INVALID_XML")),
            Map.entry("xml-bare-ampersand", Map.of(PRODUCTION, "held back INVALID_XML")),
            Map.entry("xml-entity-bomb", Map.of(API, "held back INVALID_XML")),
            Map.entry("merge-markers", Map.of(API, "held back INVALID_XML")),
            Map.entry("xml-utf16", Map.of(API, "published")),
            Map.entry("xml-utf8-bom", Map.of(API, "published")),
            Map.entry("xml-reformatted", Map.of(PRODUCTION, "published")),
            Map.entry(
                    "api-missing-endpoint",
                    Map.of(
                            API,
                            "published, MISSING_REFERENCE",
                            SANDBOX,
                            "published",
                            DEFAULT + "sequences/admin--kart1_v1.0.0--In.xml",
                            "published")),
            Map.entry(
                    "duplicate-api-name",
                    Map.of(API, "published", DEFAULT + "api/copy-of-kart1.xml", "held back DUPLICATE_API")),
            Map.entry(
                    "name-does-not-match-file",
                    Map.of(DEFAULT + "api/admin--kart1_v2.0.0.xml", "published, NAME_MISMATCH")),
            Map.entry(
                    "nested-directory",
                    Map.of(DEFAULT + "api/team-a/admin--kart1_v1.0.0.xml", "published, NESTED_DIRECTORY")),
            Map.entry(
                    "synapse-back-files",
                    Map.of(API, "published", API + ".back", "reported", API + ".1.back", "reported")),
            Map.entry(
                    "svn16-leftover",
                    Map.of(
                            API,
                            "published",
                            ".svn/entries",
                            "ignored",
                            ".svn/format",
                            "ignored",
                            DEFAULT + "api/.svn/entries",
                            "ignored",
                            DEFAULT + "api/.svn/text-base/admin--kart1_v1.0.0.xml.svn-base",
                            "ignored")),
            Map.entry(
                    "svn17-leftover",
                    Map.of(
                            API,
                            "published",
                            ".svn/entries",
                            "ignored",
                            ".svn/format",
                            "ignored",
                            ".svn/tmp/svn-A1B2",
                            "ignored",
                            ".svn/wc.db",
                            "ignored")),
            Map.entry(
                    "editor-leftover",
                    Map.of(
                            API,
                            "published",
                            API + "~",
                            "ignored",
                            DEFAULT + "api/.admin--kart1_v1.0.0.xml.swp",
                            "ignored",
                            DEFAULT + "api/.DS_Store",
                            "ignored",
                            DEFAULT + "api/#admin--kart1_v1.0.0.xml#",
                            "published",
                            DEFAULT + "api/Thumbs.db",
                            "published")),
            Map.entry("car-truncated", Map.of(CAR, "held back INVALID_ARCHIVE")),
            Map.entry("car-not-zip", Map.of(CAR, "held back INVALID_ARCHIVE")),
            Map.entry("car-without-artifacts-xml", Map.of(CAR, "held back INVALID_ARCHIVE")),
            Map.entry("car-zip-slip", Map.of(CAR, "held back INVALID_ARCHIVE")),
            Map.entry(
                    "war-zero-but-exploded",
                    Map.of("webapps/oauth2.war", "ignored", "webapps/oauth2/WEB-INF/web.xml", "ignored")),
            Map.entry("siddhi-truncated", Map.of(POLICY, "held back INVALID_POLICY")),
            Map.entry("json-truncated", Map.of("eventstreams/org.wso2.throttle.request.stream_1.0.0.json", "ignored")),
            Map.entry("foreign-server-dir", Map.of(DEFAULT + "proxy-services/echo.xml", "published"))));

    @TempDir
    private Path directory;

    /** The data lies in {@code shared}, beside the checkout or above it. */
    private static Optional<Path> data(String below) {
        for (var above = Path.of("").toAbsolutePath(); above != null; above = above.getParent()) {
            var found = above.resolve("shared/data").resolve(below);
            if (Files.exists(found)) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    private static Path given(String below) {
        var found = data(below);
        assumeTrue(found.isPresent(), "there is no ../shared/data/" + below + ", which this test is about");
        return found.orElseThrow();
    }

    private static Path server(String name) {
        return given("bad/cases").resolve(name).resolve("repository/deployment/server");
    }

    /** The data can't hold this case: it travels by file systems that do not tell case. */
    @Test
    void namesThatDifferInCaseAloneAreTold() throws Exception {
        var tree = tree("case-collision");
        tree.put(DEFAULT + "api/b.xml", "<api name='b1'/>".getBytes(StandardCharsets.UTF_8));
        tree.put(DEFAULT + "api/B.xml", "<api name='b2'/>".getBytes(StandardCharsets.UTF_8));

        var found = tree.looked(Manifest.empty(), TreeFilter.gatewayDefault());

        assertThat(found.next().manifest().fileCount()).isEqualTo(2);
        assertThat(found.concerns())
                .containsExactly(new Concern(
                        EntryPath.of("server/" + DEFAULT + "api/b.xml"),
                        Concern.Kind.CASE_COLLISION,
                        "server/" + DEFAULT + "api/B.xml"));
    }

    @Test
    void everyCaseHasAnExpectedVerdict() throws IOException {
        try (var cases = Files.list(given("bad/cases"))) {
            assertThat(cases.map(found -> found.getFileName().toString())
                            .filter(name -> !name.equals("case-collision")))
                    .containsExactlyInAnyOrderElementsOf(EXPECTED.keySet());
        }
    }

    @TestFactory
    Stream<DynamicTest> eachCaseBecomesWhatIsExpected() {
        given("bad/cases");
        return EXPECTED.entrySet().stream()
                .map(expected -> DynamicTest.dynamicTest(expected.getKey(), () -> {
                    var tree = tree(expected.getKey());
                    putGood(tree, expected.getKey());
                    var reference = tree.looked(Manifest.empty(), TreeFilter.gatewayDefault())
                            .next();
                    assertThat(reference.heldBack()).isEmpty();
                    tree.copy(server(expected.getKey()));

                    var found = tree.looked(reference.manifest(), TreeFilter.gatewayDefault());

                    assertThat(found.outcomes(server(expected.getKey()))).isEqualTo(expected.getValue());
                    for (var held : found.next().heldBack()) {
                        assertThat(found.next().manifest().find(held.path()))
                                .as("%s keeps its last good version", held)
                                .isEqualTo(reference.manifest().find(held.path()));
                    }
                }));
    }

    @Test
    void invalidFilesAreNotTakenWhenThereIsNoGoodVersionEither() throws Exception {
        var tree = tree("first-contact");
        tree.copy(server("car-truncated"));
        tree.copy(server("xml-truncated-half"));

        var found = tree.looked(Manifest.empty(), TreeFilter.gatewayDefault());

        assertThat(found.next().manifest().fileCount()).isZero();
        assertThat(found.next().heldBack()).hasSize(2);
    }

    @Test
    void twoFilesOfOneApiThatComeTogetherAreBothTakenAndTold() throws Exception {
        var tree = tree("first-contact");
        tree.copy(server("duplicate-api-name"));

        var found = tree.looked(Manifest.empty(), TreeFilter.gatewayDefault());

        assertThat(found.next().heldBack()).isEmpty();
        assertThat(found.concerns())
                .filteredOn(concern -> concern.kind() == Concern.Kind.DUPLICATE_API)
                .hasSize(2);
    }

    @Test
    void aDuplicateIsTakenOnceTheOtherFileIsGone() throws Exception {
        var tree = tree("moved");
        tree.put(API, Files.readAllBytes(server("synapse-back-files").resolve(API)));
        var reference = tree.looked(Manifest.empty(), TreeFilter.gatewayDefault())
                .next()
                .manifest();
        tree.copy(server("duplicate-api-name"));
        Files.delete(tree.root().resolve(API));

        var found = tree.looked(reference, TreeFilter.gatewayDefault());

        assertThat(found.next().heldBack()).isEmpty();
        assertThat(found.next().manifest().find(EntryPath.of("server/" + DEFAULT + "api/copy-of-kart1.xml")))
                .isPresent();
    }

    @Test
    void whereEventStreamsAreKeptACutOneIsHeldBack() throws Exception {
        var tree = tree("streams");
        tree.copy(server("json-truncated"));

        var found = tree.looked(Manifest.empty(), new TreeFilter(List.of(), List.of(), List.of()));

        assertThat(found.next().heldBack()).extracting(HeldBack::why).containsExactly(HeldBack.Why.INVALID_JSON);
    }

    @Test
    void anotherProductsTreeIsADeletionThatWaitsForAPerson() throws Exception {
        var tree = tree("foreign");
        var home = tree("home");
        for (var name : List.of("xml-utf8-bom", "xml-reformatted", "synapse-back-files")) {
            home.copy(server(name));
        }
        var reference = home.looked(Manifest.empty(), TreeFilter.gatewayDefault())
                .next()
                .manifest();
        tree.copy(server("foreign-server-dir"));

        var found = tree.looked(reference, TreeFilter.gatewayDefault());

        assertThat(new DeletionGuard(0, 0.2).check(reference, found.next().manifest()))
                .isPresent();
    }

    @Test
    void aRealGatewaysHomeIsTakenAsItIs() throws Exception {
        var home = given("gateway-home/repository/deployment/server");
        var tree = tree("real");
        tree.copy(home);

        var found = tree.looked(Manifest.empty(), TreeFilter.gatewayDefault());

        assertThat(found.next().heldBack()).isEmpty();
        assertThat(found.next().manifest().fileCount()).isGreaterThan(1_400);
        assertThat(found.concerns())
                .extracting(Concern::kind)
                .containsOnly(Concern.Kind.DUPLICATE_API, Concern.Kind.CASE_COLLISION);
    }

    private Tree tree(String name) throws IOException {
        return new Tree(directory, name);
    }

    /** Puts a good version of what the case breaks, and what an API needs. */
    private static void putGood(Tree tree, String name) throws IOException {
        var broken = server(name);
        if (Files.exists(broken.resolve(API))) {
            tree.put(API, Files.readAllBytes(server("synapse-back-files").resolve(API)));
        }
        if (!name.equals("api-missing-endpoint")) {
            var sandbox = Files.readString(server("api-missing-endpoint").resolve(SANDBOX));
            tree.put(SANDBOX, sandbox.getBytes(StandardCharsets.UTF_8));
            tree.put(PRODUCTION, sandbox.replace("sandbox", "production").getBytes(StandardCharsets.UTF_8));
        }
        if (Files.exists(broken.resolve(CAR))) {
            tree.put(
                    CAR,
                    Files.readAllBytes(
                            given("gateway-home/repository/deployment/server").resolve(CAR)));
        }
        if (Files.exists(broken.resolve(POLICY))) {
            tree.put(POLICY, "from A select * insert into B;".getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What the manager makes of one look. */
    private record Looked(NextManifest next, List<Concern> concerns, Inventory inventory) {
        /** One word for each file of the case. */
        Map<String, String> outcomes(Path broken) throws IOException {
            var outcomes = new TreeMap<String, String>();
            try (var files = Files.walk(broken)) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    var path = broken.relativize(file).toString();
                    outcomes.put(path, outcome(EntryPath.of(path)));
                }
            }
            return outcomes;
        }

        private String outcome(EntryPath path) {
            var inTree = EntryPath.of("server").resolve(path);
            var held = next.heldBack().stream()
                    .filter(found -> found.path().equals(inTree))
                    .findFirst();
            if (held.isPresent()) {
                return "held back " + held.get().why();
            }
            if (next.manifest().find(inTree).isPresent()) {
                return "published"
                        + concerns.stream()
                                .filter(concern -> concern.path().equals(inTree))
                                .map(concern -> ", " + concern.kind())
                                .reduce("", String::concat);
            }
            return inventory
                            .find(path)
                            .filter(found -> found instanceof Finding.Reported)
                            .isPresent()
                    ? "reported"
                    : "ignored";
        }
    }

    /** A share of one tree, and the stage that its content goes through. */
    private static final class Tree {
        private final Path root;
        private final ContentStage stage;
        private final LocalInspector inspector;

        Tree(Path directory, String name) throws IOException {
            root = Files.createDirectories(directory.resolve(name).resolve("server"));
            stage = new ContentStage(directory.resolve(name).resolve("stage"));
            var replica = Files.createDirectories(directory.resolve(name).resolve("replica"));
            inspector = new LocalInspector(Map.of("server", stage), Map.of("server", replica));
        }

        Path root() {
            return root;
        }

        void put(String path, byte[] content) throws IOException {
            var file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        }

        void copy(Path from) throws IOException {
            try (var files = Files.walk(from)) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    put(from.relativize(file).toString(), Files.readAllBytes(file));
                }
            }
        }

        /** Scans, and stages, inspects and computes anew until nothing is refused any more, as the manager does. */
        Looked looked(Manifest reference, TreeFilter filter) {
            var scanned = new TreeScanner(filter).scan(ScanRequest.of(root, Long.MAX_VALUE / 2));
            var inventory = ((ScanOutcome.Scanned) scanned).inventory();
            var view = View.of(Map.of("server", inventory), View.empty());
            var restraints = new Restraints(Map.of(), inspector::artifactOf);
            for (int round = 0; round < 5; round++) {
                var next = NextManifest.after(reference, view, view, restraints);
                assertThat(new TreeCopy(stage).copy(root, ManifestDiff.contentMissingFrom(reference, next.manifest())))
                        .isInstanceOf(TreeCopy.CopyOutcome.Copied.class);
                var found = inspector.inspect(reference, next.manifest(), Origin.SHARE);
                assertThat(found.problem()).isEmpty();
                if (found.refused().isEmpty()) {
                    return new Looked(next, found.concerns(), inventory);
                }
                var refused = new TreeMap<>(restraints.refused());
                refused.putAll(found.refused());
                restraints = new Restraints(refused, inspector::artifactOf);
            }
            throw new AssertionError("it never ends");
        }
    }
}
