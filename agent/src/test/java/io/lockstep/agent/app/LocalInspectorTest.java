package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.loop.Inspection;
import io.lockstep.agent.loop.Inspector.Origin;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.HeldBack.Why;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where content is read from, and what is made of content that can't be had. */
class LocalInspectorTest {
    private static final EntryPath PATH = EntryPath.of("server/d/a.xml");

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Path replica;

    @SuppressWarnings("NullAway.Init")
    private ContentStage stage;

    @SuppressWarnings("NullAway.Init")
    private LocalInspector inspector;

    @BeforeEach
    void makeReplica() throws IOException {
        replica = directory.resolve("replica");
        Files.createDirectories(replica.resolve("d"));
        stage = new ContentStage(directory.resolve("stage"));
        inspector = new LocalInspector(Map.of("server", stage), Map.of("server", replica));
    }

    private static Manifest manifest(String content) {
        return new Manifest(List.of(
                ManifestEntry.directory(EntryPath.of("server"), 0),
                ManifestEntry.directory(EntryPath.of("server/d"), 0755),
                ManifestEntry.file(PATH, 0644, content.length(), 1, digest(content))));
    }

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private Path file() {
        return replica.resolve("d/a.xml");
    }

    private Inspection inspect(String content, Origin origin) {
        return inspector.inspect(Manifest.empty(), manifest(content), origin);
    }

    @Test
    void contentIsLookedIntoInTheStage() throws IOException {
        var source = Files.writeString(directory.resolve("source"), "<a>");
        assertThat(stage.adopt(source, digest("<a>"))).isInstanceOf(ContentStage.Adoption.Adopted.class);

        var found = inspect("<a>", Origin.SHARE);

        assertThat(found.problem()).isEmpty();
        assertThat(found.refused().get(PATH)).isNotNull();
        assertThat(found.refused().get(PATH)).extracting(Refusal::why).isEqualTo(Why.INVALID_XML);
    }

    @Test
    void contentThatIsNotStagedIsLookedIntoInTheReplica() throws IOException {
        Files.writeString(file(), "<a>");

        assertThat(inspect("<a>", Origin.SHARE).refused()).containsOnlyKeys(PATH);
    }

    @Test
    void whatTheReferenceHasIsNotLookedInto() {
        var found = inspector.inspect(manifest("<a>"), manifest("<a>"), Origin.SHARE);

        assertThat(found).isEqualTo(new Inspection(Map.of(), List.of(), Optional.empty()));
    }

    @Test
    void otherBytesThanTheManifestSaysGiveNoVerdict() throws IOException {
        Files.writeString(file(), "<a>");

        var found = inspect("<b/>", Origin.REPLICA);

        assertThat(found.refused()).isEmpty();
        assertThat(found.problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("server/d/a.xml", "changed meanwhile"));
    }

    @Test
    void contentThatIsNowhereGivesNoVerdict() {
        assertThat(inspect("<a/>", Origin.SHARE).problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("ENOENT"));
    }

    @Test
    void aLinkInThePlaceOfTheFileIsNotFollowed() throws IOException {
        var elsewhere = Files.writeString(directory.resolve("elsewhere"), "<a/>");
        Files.createSymbolicLink(file(), elsewhere);

        assertThat(inspect("<a/>", Origin.REPLICA).problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("ELOOP"));
    }

    @Test
    void aVerdictIsKeptByDigest() throws IOException {
        Files.writeString(file(), "<a>");
        assertThat(inspect("<a>", Origin.SHARE).refused()).containsOnlyKeys(PATH);
        Files.delete(file());

        var again = inspect("<a>", Origin.SHARE);

        assertThat(again.problem()).isEmpty();
        assertThat(again.refused()).containsOnlyKeys(PATH);
    }

    @Test
    void aFileOfTheReplicaThatSomebodyWritesIsRefusedAndOneOfTheShareIsNot() throws IOException {
        Files.writeString(file(), "<a/>");
        try (var writer = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            assertThat(writer.isOpen()).isTrue();
            assertThat(inspect("<a/>", Origin.REPLICA).refused().get(PATH))
                    .isEqualTo(new Refusal(digest("<a/>"), Why.BEING_WRITTEN, ""));
            assertThat(inspect("<a/>", Origin.SHARE).refused()).isEmpty();
        }
        assertThat(inspect("<a/>", Origin.REPLICA).refused()).isEmpty();
    }
}
