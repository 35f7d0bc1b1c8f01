UPDATE company_tree SET second_factor = false WHERE second_factor;
