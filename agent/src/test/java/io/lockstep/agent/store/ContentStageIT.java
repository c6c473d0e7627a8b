package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.store.ContentStage.Adoption;
import io.lockstep.digest.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStageIT {
    @TempDir
    Path base;

    private static Digest digestOf(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private ContentStage stage() {
        return new ContentStage(base.resolve("stage"));
    }

    private Adoption adopt(String content, Digest digest) throws IOException {
        return stage().adopt(Files.writeString(base.resolve("fetched"), content), digest);
    }

    @Test
    void adoptedContentIsThereByItsDigest() throws IOException {
        assertThat(stage().has(digestOf("a"))).isFalse();

        assertThat(adopt("a", digestOf("a"))).isEqualTo(new Adoption.Adopted());

        assertThat(stage().has(digestOf("a"))).isTrue();
        assertThat(base.resolve("stage").resolve(digestOf("a").toString())).hasContent("a");
        assertThat(base.resolve("fetched")).exists();
    }

    @Test
    void contentWithAnotherDigestIsNotTakenIn() throws IOException {
        assertThat(adopt("b", digestOf("a"))).isEqualTo(new Adoption.WrongDigest(digestOf("b")));

        assertThat(stage().has(digestOf("a"))).isFalse();
        assertThat(TreeOnDisk.contents(base.resolve("stage"))).isEmpty();
    }

    @Test
    void aMissingFileAndALinkAreUnreadable() throws IOException {
        Files.writeString(base.resolve("a"), "a");
        Files.createSymbolicLink(base.resolve("link"), base.resolve("a"));

        assertThat(stage().adopt(base.resolve("none"), digestOf("a")))
                .isInstanceOfSatisfying(
                        Adoption.SourceUnreadable.class,
                        unreadable -> assertThat(unreadable.failure().errno()).isEqualTo(Errno.ENOENT));
        assertThat(stage().adopt(base.resolve("link"), digestOf("a"))).isInstanceOf(Adoption.SourceUnreadable.class);
    }

    @Test
    void openSaysWhatIsNotHere() throws IOException {
        adopt("a", digestOf("a"));

        assertThat(stage().open(digestOf("b"))).isEqualTo(new Attempt.Failed<FileHandle>(Errno.ENOENT));
        var attempt = stage().open(digestOf("a"));
        assertThat(attempt).isInstanceOf(Attempt.Done.class);
        ((Attempt.Done<FileHandle>) attempt).value().close();
    }

    @Test
    void onlyWhatIsNeededIsRetained() throws IOException {
        adopt("a", digestOf("a"));
        adopt("b", digestOf("b"));
        Files.writeString(base.resolve("stage/" + digestOf("c") + ".0.part"), "torn");

        var retention = stage().retain(Set.of(digestOf("a"), digestOf("z")));

        assertThat(retention).isEqualTo(new ContentStage.Retention.Retained(2, 1));
        assertThat(TreeOnDisk.contents(base.resolve("stage")))
                .containsOnlyKeys(digestOf("a").toString());
    }

    @Test
    void aStageThatWasNeverUsedRetainsNothing() {
        assertThat(stage().retain(Set.of())).isEqualTo(new ContentStage.Retention.Retained(0, 0));
    }
}
