package io.lockstep.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ParcelTest {
    private static final long LARGE = Parcel.LARGE_BYTES;

    private static ManifestEntry file(String path, long sizeBytes, String content) {
        return ManifestEntry.file(
                EntryPath.of(path), 0644, sizeBytes, 0, Digest.of(content.getBytes(StandardCharsets.UTF_8)));
    }

    private static ManifestEntry file(String path, long sizeBytes) {
        return file(path, sizeBytes, path + sizeBytes);
    }

    private static List<ManifestEntry> small(String tree, int count, long sizeBytes) {
        var files = new ArrayList<ManifestEntry>();
        for (int i = 0; i < count; i++) {
            files.add(file(tree + "/" + i, sizeBytes, tree + i));
        }
        return files;
    }

    private static Manifest holding(ManifestEntry... files) {
        var entries = new ArrayList<ManifestEntry>(List.of(files));
        entries.add(ManifestEntry.directory(EntryPath.of("server"), 0755));
        return Manifest.ofUnsorted(entries);
    }

    @Test
    void aLargeFileTravelsAloneAndComesFirst() {
        var large = file("server/x.car", LARGE);
        var parcels =
                Parcel.plan(List.of(file("server/a", 1), large, file("server/b", LARGE - 1)), Manifest.empty(), 4);

        assertThat(parcels).hasSize(2);
        assertThat(parcels.get(0).files()).containsExactly(large);
        assertThat(parcels.get(0).isLarge()).isTrue();
        assertThat(parcels.get(1).files()).hasSize(2);
        assertThat(parcels.get(1).isLarge()).isFalse();
        assertThat(parcels.get(1).basis()).isEmpty();
    }

    @Test
    void theReplicasOlderVersionIsTheBasis() {
        var old = file("server/x.car", LARGE + 5);
        var wanted = file("server/x.car", 3 * LARGE);

        assertThat(Parcel.plan(List.of(wanted), holding(old), 4).get(0).basis()).contains(old);
    }

    @Test
    void whatIsNoFileTooSmallOrMuchTooLargeIsNoBasis() {
        var wanted = file("server/x.car", LARGE);

        for (var held : List.of(
                file("server/x.car", LARGE - 1),
                file("server/x.car", 5 * LARGE),
                file("server/y.car", LARGE),
                ManifestEntry.directory(EntryPath.of("server/x.car"), 0755))) {
            assertThat(Parcel.plan(List.of(wanted), holding(held), 4).get(0).basis())
                    .as(held.toString())
                    .isEmpty();
        }
    }

    @Test
    void smallFilesAreDividedAmongTheStreamsWhenTheyAreMany() {
        assertThat(Parcel.plan(small("server", 200, 1), Manifest.empty(), 4)).hasSize(1);
        assertThat(Parcel.plan(small("server", 201, 1), Manifest.empty(), 4)).hasSize(2);
        assertThat(Parcel.plan(small("server", 4000, 1), Manifest.empty(), 4))
                .extracting(parcel -> parcel.files().size())
                .containsExactly(1000, 1000, 1000, 1000);
    }

    @Test
    void aParcelIsBoundedInFilesBytesAndNames() {
        assertThat(Parcel.plan(small("server", 50_000, 1), Manifest.empty(), 4))
                .allSatisfy(parcel -> assertThat(parcel.files()).hasSizeLessThanOrEqualTo(Parcel.MAX_FILES));
        assertThat(Parcel.plan(small("server", 150, LARGE - 1), Manifest.empty(), 1))
                .hasSize(3)
                .allSatisfy(parcel -> assertThat(parcel.totalBytes()).isLessThan(Parcel.MAX_BYTES + LARGE));
        var long1 = "d/".repeat(100) + "x".repeat(200);
        var files = new ArrayList<ManifestEntry>();
        for (int i = 0; i < 4000; i++) {
            files.add(file("server/" + long1 + i, 1));
        }
        assertThat(Parcel.plan(files, Manifest.empty(), 1)).hasSize(2);
    }

    @Test
    void aParcelIsOfOneTree() {
        var files = new ArrayList<>(small("server", 3, 1));
        files.addAll(small("tenants", 3, 1));

        assertThat(Parcel.plan(files, Manifest.empty(), 4))
                .extracting(Parcel::tree)
                .containsExactly(EntryPath.of("server"), EntryPath.of("tenants"));
    }

    @Test
    void everyContentIsInExactlyOneParcel() {
        var random = new Random(4711);
        for (int round = 0; round < 200; round++) {
            var files = new ArrayList<ManifestEntry>();
            var contents = new HashSet<Digest>();
            for (int i = random.nextInt(1000); i >= 0; i--) {
                long size = random.nextInt(20) == 0 ? LARGE + random.nextInt(9) : random.nextInt(1 << 18);
                var file = file((random.nextBoolean() ? "server/" : "tenants/") + i, size, "c" + random.nextInt(500));
                files.add(file);
                contents.add(file.digest().orElseThrow());
            }
            Collections.shuffle(files, random);

            var planned = Parcel.plan(files, Manifest.empty(), 1 + random.nextInt(8)).stream()
                    .flatMap(parcel -> parcel.files().stream())
                    .map(file -> file.digest().orElseThrow())
                    .toList();

            assertThat(planned).doesNotHaveDuplicates();
            assertThat(new HashSet<>(planned)).isEqualTo(contents);
        }
    }

    @Test
    void nothingToFetchIsNoParcel() {
        assertThat(Parcel.plan(List.of(), Manifest.empty(), 4)).isEmpty();
        assertThatThrownBy(() -> new Parcel(EntryPath.of("server"), List.of(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
