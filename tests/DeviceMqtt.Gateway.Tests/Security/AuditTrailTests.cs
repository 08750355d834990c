using DeviceMqtt.Gateway.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Tests.Security;

[TestClass]
internal sealed class AuditTrailTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A stranger without a password had all the lines of a minute, and in a quarter of an hour both files.
    [TestMethod]
    public void Add_AStrangerIsRefusedAllTheTime_ChangesAndComingsHaveTheirLines()
    {
        FakeTime time = new();
        AuditTrail trail = new(_folder, time, NullLogger.Instance);
        for (int minute = 0; minute < 40; minute++)
        {
            for (int i = 0; i < 200; i++)
                trail.Add(AuditKind.Refused, $"refused: client '{new string('x', 450)}'");
            trail.Add(AuditKind.Changed, $"changed: user {minute}");
            trail.Add(AuditKind.In, $"in: user '{minute}'");
            trail.Write();
            time.Advance(TimeSpan.FromMinutes(1));
        }

        string[] changes = Read(AuditKind.Changed);
        string[] comings = Read(AuditKind.In);
        Assert.HasCount(40, changes);
        Assert.HasCount(40, comings);
        StringAssert.EndsWith(changes[0], "changed: user 0", StringComparison.Ordinal);
        Assert.IsTrue(Read(AuditKind.Refused).Any(static line => line.EndsWith(" 80 more had no line", StringComparison.Ordinal)));
        Assert.IsLessThan(2 * AuditFile.BytesMax, new FileInfo(Path.Combine(_folder, AuditFile.NameOf(AuditKind.Refused))).Length);

        string[] Read(AuditKind kind) => File.ReadAllLines(Path.Combine(_folder, AuditFile.NameOf(kind)));
    }
}
