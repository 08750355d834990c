namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What the doctor found.</summary>
/// <param name="MadeMs">When, in monotonic milliseconds.</param>
/// <param name="Notes">What is told: the worst first, and of each kind some.</param>
/// <param name="All">Everything, in no order: for the pages of single devices.</param>
internal sealed record Finding(long MadeMs, IReadOnlyList<Note> Notes, IReadOnlyList<Note> All)
{
    /// <summary>Notes that are told at once.</summary>
    public const int NotesMax = 200;

    /// <summary>Notes of one kind that are told: who has more has one cause. Of the others it is said how many there are.</summary>
    public const int OfRuleMax = 10;

    /// <summary>Chooses what is told. What is about the gateway itself is always there, and stands before all else that is as bad.</summary>
    public static Finding Of(long madeMs, IReadOnlyList<Note> all)
    {
        List<Note> ofGateway = [], ofOthers = [];
        foreach (IGrouping<(NoteLevel, bool, string), Note> kind in all.GroupBy(static n => (n.Level, n.IsOfGateway, n.Rule)).OrderByDescending(static kind => kind.Max(static n => n.Count)))
            (kind.First().IsOfGateway ? ofGateway : ofOthers).AddRange(Some([.. kind.OrderByDescending(static n => n.Count)]));
        // The sort keeps the order of those that are as bad.
        IEnumerable<Note> told = ofGateway.Concat(ofOthers.OrderBy(static n => n.Level).Take(Math.Max(0, NotesMax - ofGateway.Count)));
        return new Finding(madeMs, [.. told.OrderBy(static n => n.Level)], all);
    }

    private static IEnumerable<Note> Some(List<Note> kind)
    {
        int more = kind.Count - OfRuleMax;
        return more <= 1 ? kind
            : kind.Take(OfRuleMax).Append(new Note(kind[0].Rule, kind[0].Level, "", $"And {more} more like these.", $"{kind.Count} in all.{(kind.TrueForAll(static n => n.Device.Length > 0) ? " The page of each device says it, too." : "")}", kind[0].Do) { IsOfGateway = kind[0].IsOfGateway, Count = more });
    }
}
