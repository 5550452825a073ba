"""Mock assessment (模拟考核): the office rehearses the assessment as the experts will hold it, and what the scores say."""
