namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Arrays of strings for a board. The runtime crashes when an element that was never assigned is compared with a text, so all of them begin
    /// as empty texts; a test finds arrays that are made another way.
    /// </summary>
    public static class EmptyTexts
    {
        /// <summary>An array of empty texts.</summary>
        public static string[] Make(int count)
        {
            string[] texts = new string[count];
            for (int i = 0; i < count; i++)
            {
                texts[i] = "";
            }

            return texts;
        }
    }
}
