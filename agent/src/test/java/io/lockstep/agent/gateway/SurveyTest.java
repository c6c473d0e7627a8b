package io.lockstep.agent.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Concern;
import io.lockstep.generation.Concern.Kind;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SurveyTest {
    private static final String HOME = "server/synapse-configs/default/";

    private final Map<Digest, String> contents = new HashMap<>();

    /** A manifest of these files, path and content in turn. */
    private Manifest manifest(String... files) {
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        for (int i = 0; i < files.length; i += 2) {
            var path = EntryPath.of(files[i].startsWith("tenants") ? files[i] : HOME + files[i]);
            var digest = Digest.of(files[i + 1].getBytes(StandardCharsets.UTF_8));
            contents.put(digest, files[i + 1]);
            entries.put(path, ManifestEntry.file(path, 0644, files[i + 1].length(), 1, digest));
            for (var above = path.parent();
                    above.isPresent();
                    above = above.get().parent()) {
                entries.put(above.get(), ManifestEntry.directory(above.get(), 0755));
            }
        }
        return new Manifest(entries.values().stream().toList());
    }

    private Survey survey(Manifest reference, Manifest next) {
        return Survey.of(reference, next, entry -> {
            try {
                var content = contents.getOrDefault(entry.digest().orElseThrow(), "");
                return ApiReader.read(Content.of(content.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static String api(String name, String version, String... endpoints) {
        var text = new StringBuilder("<api name='" + name + "' version='" + version + "'>");
        for (var endpoint : endpoints) {
            text.append("<endpoint key='").append(endpoint).append("'/>");
        }
        return text + "</api>";
    }

    private static Concern concern(String path, Kind kind, String detail) {
        return new Concern(EntryPath.of(HOME + path), kind, detail);
    }

    @Test
    void whatIsInOrderIsNoConcern() {
        var next = manifest(
                "api/admin--a_v1.xml",
                api("admin--a", "1", "a--v1_APIproductionEndpoint"),
                "api/admin--a_v2.xml",
                api("admin--a", "2"),
                "api/admin--b_v1.xml",
                api("admin--b:v1", ""),
                "api/Orders.xml",
                api("Anything", ""),
                "endpoints/a--v1_APIproductionEndpoint.xml",
                "<endpoint/>",
                "tenants/1/synapse-configs/default/api/admin--a_v1.xml",
                api("admin--a", "1"));

        var survey = survey(Manifest.empty(), next);

        assertThat(survey.concerns()).isEmpty();
        assertThat(survey.refused()).isEmpty();
    }

    @Test
    void aNewFileOfAPublishedApiIsRefused() {
        var reference = manifest("api/b.xml", api("x", "1"));
        var next = manifest("api/a.xml", api("x", "1"), "api/b.xml", api("x", "1") + " ");

        var survey = survey(reference, next);

        var path = EntryPath.of(HOME + "api/a.xml");
        assertThat(survey.refused())
                .containsExactly(Map.entry(
                        path,
                        new Refusal(
                                next.find(path).orElseThrow().digest().orElseThrow(),
                                HeldBack.Why.DUPLICATE_API,
                                "x:v1, as " + HOME + "api/b.xml")));
        assertThat(survey.concerns()).isEmpty();
    }

    @Test
    void aPublishedFileThatBecomesAnothersApiIsRefusedToo() {
        var reference = manifest("api/a.xml", api("y", "1"), "api/b.xml", api("x", "1"));
        var next = manifest("api/a.xml", api("x", "1"), "api/b.xml", api("x", "1"));

        assertThat(survey(reference, next).refused()).containsOnlyKeys(EntryPath.of(HOME + "api/a.xml"));
    }

    @Test
    void duplicatesThatArePublishedAlreadyAreToldAndNotRefused() {
        var both = manifest("api/a.xml", api("x", "1"), "api/b.xml", api("x", "1"));

        var survey = survey(both, both);

        assertThat(survey.refused()).isEmpty();
        assertThat(survey.concerns())
                .containsExactly(concern("api/b.xml", Kind.DUPLICATE_API, "x:v1, as " + HOME + "api/a.xml"));
    }

    @Test
    void whatIsNamedAndNotThereIsTold() {
        var next = manifest("api/a.xml", api("a", "1", "gov:/x/y", "$ctx:e", "{xpath}", "gone one"));

        assertThat(survey(Manifest.empty(), next).concerns())
                .containsExactly(concern("api/a.xml", Kind.MISSING_REFERENCE, "no endpoints/gone_one.xml"));
    }

    @Test
    void aLocalEntryOrACarbonApplicationMayBeWhatIsNamed() {
        var api = api("a", "1", "e");

        assertThat(survey(Manifest.empty(), manifest("api/a.xml", api, "local-entries/e.xml", "<localEntry/>"))
                        .concerns())
                .isEmpty();
        assertThat(survey(Manifest.empty(), manifest("api/a.xml", api, "c.car", "PK"))
                        .concerns())
                .isEmpty();
    }

    @Test
    void aFileThatIsNamedOtherwiseAndOneThatLiesTooDeepAreTold() {
        var next = manifest("api/admin--a_v2.xml", api("admin--a", "1"), "api/t/b.xml", api("b", ""));

        assertThat(survey(Manifest.empty(), next).concerns())
                .containsExactly(
                        concern("api/admin--a_v2.xml", Kind.NAME_MISMATCH, "it defines admin--a version 1"),
                        concern("api/t/b.xml", Kind.NESTED_DIRECTORY, "move it up into api"));
    }

    @Test
    void namesThatDifferInCaseAloneAreTold() {
        assertThat(survey(Manifest.empty(), manifest("sequences/M.xml", "1", "sequences/m.xml", "2"))
                        .concerns())
                .containsExactly(concern("sequences/m.xml", Kind.CASE_COLLISION, HOME + "sequences/M.xml"));
    }

    @Test
    void anApiWhoseContentIsNotKnownConcernsNobody() {
        var next = manifest("api/admin--a_v2.xml", "no api", "api/b.xml", "<sequence name='x'/>");

        assertThat(Survey.of(Manifest.empty(), next, entry -> Optional.empty()).concerns())
                .isEmpty();
        assertThat(survey(Manifest.empty(), next).concerns()).isEmpty();
    }
}
