using DeviceMqtt.Gateway.Doctor;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What the doctor tells of all that it found: the gateway's own troubles are not lost among those of a big fleet.</summary>
[TestClass]
public sealed class FindingTests
{
    private static Note Of(string rule, NoteLevel level, string subject, long count = 0) => new(rule, level, subject, $"{subject}: {rule}", "", "do") { Count = count };

    // 250 boards that did not wake cut off that the upstream is away, and that the certificate ends.
    [TestMethod]
    public void Of_ABigFleet_TheGatewaysOwnTroublesAreThere()
    {
        List<Note> all = [.. Enumerable.Range(0, 250).Select(static i => Of("overdue", NoteLevel.Warn, $"board-{i}", count: i))];
        all.Add(Of("upstream-down", NoteLevel.Warn, "cloud") with { IsOfGateway = true });
        all.Add(Of("anonymous", NoteLevel.Info, "") with { IsOfGateway = true });
        all.Add(Of("brownout", NoteLevel.Bad, "garage", count: 2));

        Finding finding = Finding.Of(0, all);

        Assert.AreEqual("brownout,upstream-down,overdue", string.Join(',', finding.Notes.Take(3).Select(static n => n.Rule)));
        Assert.AreEqual("anonymous", finding.Notes[^1].Rule);
        Assert.AreSame(all, finding.All);
        Note more = finding.Notes.Single(static n => n.Subject.Length == 0 && n.Rule == "overdue");
        Assert.AreEqual(("And 240 more like these.", 240L), (more.Title, more.Count));
        Assert.AreEqual("board-249", finding.Notes[2].Subject, "the worst");
    }

    // Strangers and programs have no page.
    [TestMethod]
    [DataRow("pump", true)]
    [DataRow("", false)]
    public void Of_ManyLikeThese_ADeviceHasItsPage(string device, bool hasPage)
    {
        List<Note> all = [.. Enumerable.Range(0, 30).Select(i => Of("not-authorized", NoteLevel.Warn, $"10.0.0.{i}") with { Device = device })];

        Assert.AreEqual(hasPage, Finding.Of(0, all).Notes[^1].Text.Contains("page of each device", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Of_ManyKindsOfTrouble_TheGatewaysAreThereAllTheSame()
    {
        List<Note> all = [.. Enumerable.Range(0, 1_000).Select(static i => Of($"rule-{i % 40}", NoteLevel.Bad, $"board-{i}", count: 1))];
        all.Add(Of("certificate-ends", NoteLevel.Warn, "") with { IsOfGateway = true });

        Finding finding = Finding.Of(0, all);

        Assert.HasCount(Finding.NotesMax, finding.Notes);
        Assert.AreEqual("certificate-ends", finding.Notes[^1].Rule);
    }
}
