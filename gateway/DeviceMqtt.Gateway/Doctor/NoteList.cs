namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What a look has found.</summary>
internal static class NoteList
{
    /// <summary>Adds what is wrong.</summary>
    /// <param name="notes">What was found before.</param>
    /// <param name="note">Null where nothing is wrong.</param>
    public static void AddFound(this List<Note> notes, Note? note)
    {
        if (note is not null)
            notes.Add(note);
    }
}
